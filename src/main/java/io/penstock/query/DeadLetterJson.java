package io.penstock.query;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.penstock.deadletter.DeadLetterHeaders;
import io.penstock.error.PenstockException;
import io.penstock.kafka.Topics;
import io.penstock.serde.AnyAvro;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.generic.IndexedRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** A dead letter, or a rejection, as people can read it: decoded as far as possible, long values cut, secrets hidden. */
final class DeadLetterJson {
    private static final int MAX_TEXT = 4_000;
    private static final int MAX_BYTES = 3_000;
    private static final int MAX_ELEMENTS = 50;
    private static final AvroJson AVRO_JSON = new AvroJson(false);

    private final AnyAvro avro;
    private final DeadLetterQueries.Replays replays;

    DeadLetterJson(AnyAvro avro, DeadLetterQueries.Replays replays) {
        this.avro = avro;
        this.replays = replays;
    }

    @SuppressWarnings("NullAway") // keys and values of Kafka records may be null; the client declares neither
    ObjectNode letter(String topology, ConsumerRecord<byte[], byte[]> record) {
        boolean rejected = !record.topic().equals(Topics.deadLetter(topology));
        ObjectNode value = value(record.value());
        ObjectNode letter = JsonNodeFactory.instance
                .objectNode()
                .put("topology", topology)
                .put("kind", rejected ? "rejected" : "dead-letter")
                .put("kafka_topic", record.topic())
                .put("partition", record.partition())
                .put("offset", record.offset())
                .put("time", Instant.ofEpochMilli(record.timestamp()).toString());
        if (rejected) {
            JsonNode content = value.path("content");
            letter.put("code", content.path("code").asText(""))
                    .put("message", content.path("reason").asText(""));
        } else {
            headers(letter, record);
            letter.put(
                    "replayed",
                    replays.isReplayed(new TopicPartition(record.topic(), record.partition()), record.offset()));
        }
        key(letter, record.key());
        letter.set("value", record.value() == null ? JsonNodeFactory.instance.nullNode() : value);
        return letter;
    }

    private static void headers(ObjectNode letter, ConsumerRecord<byte[], byte[]> record) {
        letter.put("code", header(record, DeadLetterHeaders.CODE).orElse(""))
                .put(
                        "message",
                        Secrets.hide(header(record, DeadLetterHeaders.MESSAGE).orElse("")))
                .put("stage", header(record, DeadLetterHeaders.STAGE).orElse(""))
                .put("attempts", number(record, DeadLetterHeaders.ATTEMPTS).orElse(0L));
        ObjectNode source = letter.putObject("source")
                .put("topic", header(record, DeadLetterHeaders.TOPIC).orElse(""))
                .put("partition", number(record, DeadLetterHeaders.PARTITION).orElse(-1L))
                .put("offset", number(record, DeadLetterHeaders.OFFSET).orElse(-1L));
        number(record, DeadLetterHeaders.TIMESTAMP)
                .ifPresent(time -> source.put("time", Instant.ofEpochMilli(time).toString()));
    }

    private static Optional<String> header(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null
                ? Optional.empty()
                : Optional.of(new String(header.value(), UTF_8));
    }

    /** Others may write to this topic too, so a header may hold anything. */
    private static Optional<Long> number(ConsumerRecord<byte[], byte[]> record, String name) {
        return header(record, name)
                .filter(text -> text.matches("-?[0-9]{1,18}"))
                .map(Long::valueOf);
    }

    private static void key(ObjectNode letter, byte @Nullable [] key) {
        if (key == null) {
            letter.putNull("key");
            return;
        }
        Optional<String> text = text(key);
        if (text.isPresent()) {
            letter.put("key", cut(Secrets.hide(text.get())));
        } else {
            letter.putNull("key").put("key_base64", base64(key));
        }
    }

    private ObjectNode value(byte @Nullable [] bytes) {
        ObjectNode value = JsonNodeFactory.instance.objectNode();
        if (bytes == null) {
            return value;
        }
        value.put("bytes", bytes.length);
        if (AnyAvro.isFramed(bytes) && decoded(value, bytes)) {
            return value;
        }
        Optional<String> text = text(bytes);
        if (text.isPresent()) {
            String shown = cut(text.get());
            return value.put("format", "text")
                    .put("truncated", shown.length() != text.get().length())
                    .put("content", Secrets.hide(shown));
        }
        return value.put("format", "base64")
                .put("truncated", bytes.length > MAX_BYTES)
                .put("content", base64(bytes));
    }

    private boolean decoded(ObjectNode value, byte[] bytes) {
        try {
            Object decoded = avro.decode(bytes);
            JsonNode content = AVRO_JSON.value(decoded);
            boolean[] cut = {false};
            JsonNode shown = cut(content, cut);
            value.put("format", "avro");
            if (decoded instanceof IndexedRecord record) {
                value.put("schema", record.getSchema().getFullName());
            }
            value.put("truncated", cut[0]).set("content", Secrets.hide(shown));
            return true;
        } catch (PenstockException | StackOverflowError e) {
            return false; // that it cannot be read is often why it is here
        }
    }

    private static JsonNode cut(JsonNode node, boolean[] wasCut) {
        return switch (node) {
            case ObjectNode object -> {
                ObjectNode shown = JsonNodeFactory.instance.objectNode();
                for (Map.Entry<String, JsonNode> field : object.properties()) {
                    if (shown.size() == MAX_ELEMENTS) {
                        wasCut[0] = true;
                        break;
                    }
                    shown.set(field.getKey(), cut(field.getValue(), wasCut));
                }
                yield shown;
            }
            case ArrayNode array -> {
                ArrayNode shown = JsonNodeFactory.instance.arrayNode();
                for (JsonNode element : array) {
                    if (shown.size() == MAX_ELEMENTS) {
                        wasCut[0] = true;
                        break;
                    }
                    shown.add(cut(element, wasCut));
                }
                yield shown;
            }
            case TextNode text
            when text.textValue().length() > MAX_TEXT -> {
                wasCut[0] = true;
                yield TextNode.valueOf(cut(text.textValue()));
            }
            default -> node;
        };
    }

    private static String cut(String text) {
        if (text.length() <= MAX_TEXT) {
            return text;
        }
        return text.substring(0, Character.isHighSurrogate(text.charAt(MAX_TEXT - 1)) ? MAX_TEXT - 1 : MAX_TEXT);
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(Arrays.copyOf(bytes, Math.min(bytes.length, MAX_BYTES)));
    }

    /** The bytes as text, if that is what they are. */
    private static Optional<String> text(byte[] bytes) {
        try {
            String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            boolean binary = text.chars().anyMatch(c -> c < ' ' && c != '\n' && c != '\r' && c != '\t');
            return binary ? Optional.empty() : Optional.of(text);
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
