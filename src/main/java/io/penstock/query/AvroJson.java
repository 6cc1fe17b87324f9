package io.penstock.query;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.jspecify.annotations.Nullable;

/**
 * Avro records as JSON: fields by their names, timestamps in ISO 8601, enums as text. Embeddings are arrays of numbers, and are
 * left out unless asked for, because they are most of what a chunk weighs and few want them.
 */
public final class AvroJson {
    private static final String EMBEDDING = "embedding";

    private final boolean withVectors;

    public AvroJson(boolean withVectors) {
        this.withVectors = withVectors;
    }

    public ObjectNode object(IndexedRecord record) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        for (Schema.Field field : record.getSchema().getFields()) {
            if (field.name().equals(EMBEDDING) && !withVectors) {
                continue;
            }
            Object value = record.get(field.pos());
            node.set(field.name(), field.name().equals(EMBEDDING) ? vector(value) : value(value));
        }
        return node;
    }

    /** Any value of a store: an Avro record, a list or map of such, or a plain value. */
    public JsonNode value(@Nullable Object value) {
        JsonNodeFactory json = JsonNodeFactory.instance;
        return switch (value) {
            case null -> json.nullNode();
            case IndexedRecord record -> object(record);
            case Integer number -> json.numberNode(number);
            case Long number -> json.numberNode(number);
            case Float number -> json.numberNode(number);
            case Double number -> json.numberNode(number);
            case Boolean flag -> json.booleanNode(flag);
            case ByteBuffer bytes -> json.textNode(text(bytes));
            case Collection<?> items -> {
                ArrayNode array = json.arrayNode();
                items.forEach(item -> array.add(value(item)));
                yield array;
            }
            case Map<?, ?> map -> {
                ObjectNode object = json.objectNode();
                map.forEach((key, item) -> object.set(String.valueOf(key), value(item)));
                yield object;
            }
            default -> json.textNode(value.toString());
        };
    }

    private static String text(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        String text = new String(bytes, UTF_8);
        return text.indexOf('\uFFFD') < 0 ? text : Base64.getEncoder().encodeToString(bytes);
    }

    private static JsonNode vector(@Nullable Object value) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        if (value instanceof ByteBuffer bytes) {
            FloatBuffer floats =
                    bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
            while (floats.hasRemaining()) {
                array.add(floats.get());
            }
        }
        return array;
    }
}
