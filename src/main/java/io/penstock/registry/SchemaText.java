package io.penstock.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.TreeSet;

/** The text of an Avro schema. Two canonical texts are the same schema when they are equal. */
final class SchemaText {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ALIASES = "aliases";
    /** Attributes with a meaning, which Avro writes in an order of its own; all others follow by name. */
    private static final Set<String> KNOWN = Set.of(
            "name",
            "type",
            "namespace",
            "doc",
            "fields",
            "symbols",
            "items",
            "values",
            "size",
            "default",
            "order",
            ALIASES);

    private SchemaText() {}

    /**
     * The text with the attributes of each type in one order, so that schemas which differ in that alone are one.
     *
     * @param canonical a text that Avro wrote
     */
    static String normalized(String canonical) {
        return sorted(tree(canonical)).toString();
    }

    /** The text as JSON. */
    static JsonNode tree(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode sorted(JsonNode node) {
        if (node instanceof ArrayNode array) {
            ArrayNode result = JSON.createArrayNode();
            array.forEach(each -> result.add(sorted(each)));
            return result;
        }
        if (!(node instanceof ObjectNode object)) {
            return node;
        }
        ObjectNode result = JSON.createObjectNode();
        TreeSet<String> others = new TreeSet<>();
        object.fieldNames().forEachRemaining(name -> {
            if (KNOWN.contains(name)) {
                result.set(name, sorted(name, object.get(name)));
            } else {
                others.add(name);
            }
        });
        others.forEach(name -> result.set(name, object.get(name)));
        return result;
    }

    private static JsonNode sorted(String name, JsonNode value) {
        return switch (name) {
            case ALIASES -> sortedTexts(value);
            case "default" -> value; // a value, in which an order may mean something
            default -> sorted(value);
        };
    }

    private static ArrayNode sortedTexts(JsonNode array) {
        TreeSet<String> texts = new TreeSet<>();
        array.forEach(each -> texts.add(each.asText()));
        ArrayNode result = JSON.createArrayNode();
        texts.forEach(result::add);
        return result;
    }
}
