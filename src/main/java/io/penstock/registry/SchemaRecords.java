package io.penstock.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * The records of {@code _schemas} as Confluent's registry writes them: JSON keys with a key type and a magic number, JSON
 * values. The order of a key's fields matters, since compaction compares bytes.
 */
final class SchemaRecords {
    private static final ObjectMapper JSON = new ObjectMapper();

    private SchemaRecords() {}

    /** One record to write; a null value deletes. */
    record Entry(byte[] key, byte @Nullable [] value) {}

    /** One record that was read. */
    sealed interface Change {
        record Version(SchemaVersion version) implements Change {}

        record VersionGone(String subject, int version) implements Change {}

        record Level(@Nullable String subject, @Nullable CompatibilityLevel level) implements Change {}

        record SubjectDeleted(String subject, int upTo) implements Change {}

        record Nothing() implements Change {}
    }

    static Entry version(SchemaVersion version) {
        ObjectNode value = JSON.createObjectNode()
                .put("subject", version.subject())
                .put("version", version.version())
                .put("id", version.id())
                .put("schema", version.schema())
                .put("deleted", version.deleted());
        return new Entry(versionKey(version.subject(), version.version()), bytes(value));
    }

    static Entry versionGone(String subject, int version) {
        return new Entry(versionKey(subject, version), null);
    }

    static Entry level(@Nullable String subject, @Nullable CompatibilityLevel level) {
        ObjectNode key = key("CONFIG").put("subject", subject).put("magic", 0);
        return new Entry(
                bytes(key),
                level == null ? null : bytes(JSON.createObjectNode().put("compatibilityLevel", level.name())));
    }

    static Entry subjectDeleted(String subject, int upTo) {
        ObjectNode value = JSON.createObjectNode().put("subject", subject).put("version", upTo);
        return new Entry(subjectDeletedKey(subject), bytes(value));
    }

    static Entry subjectDeletionGone(String subject) {
        return new Entry(subjectDeletedKey(subject), null);
    }

    /**
     * What a record says.
     *
     * @throws IOException when it is no record of a registry
     */
    static Change read(byte[] keyBytes, byte @Nullable [] valueBytes) throws IOException {
        JsonNode key = JSON.readTree(keyBytes);
        JsonNode value = valueBytes == null ? null : JSON.readTree(valueBytes);
        return switch (key.path("keytype").asText()) {
            case "SCHEMA" -> readVersion(key, value);
            case "CONFIG" -> readLevel(key, value);
            case "DELETE_SUBJECT" ->
                value == null
                        ? new Change.Nothing()
                        : new Change.SubjectDeleted(text(key, "subject"), number(value, "version"));
            case "NOOP", "MODE", "CONTEXT", "CLEAR_SUBJECT" -> new Change.Nothing();
            default -> throw new IOException("unknown key type in " + key);
        };
    }

    private static Change readVersion(JsonNode key, @Nullable JsonNode value) throws IOException {
        String subject = text(key, "subject");
        int version = number(key, "version");
        if (value == null) {
            return new Change.VersionGone(subject, version);
        }
        if (!value.path("schemaType").asText("AVRO").equals("AVRO")) {
            throw new IOException("only AVRO schemas are known, not " + value.path("schemaType"));
        }
        return new Change.Version(new SchemaVersion(
                subject,
                version,
                number(value, "id"),
                text(value, "schema"),
                value.path("deleted").asBoolean(false)));
    }

    private static Change readLevel(JsonNode key, @Nullable JsonNode value) throws IOException {
        String subject = key.path("subject").isTextual() ? key.path("subject").asText() : null;
        if (value == null || !value.path("compatibilityLevel").isTextual()) {
            return new Change.Level(subject, null);
        }
        try {
            return new Change.Level(
                    subject,
                    CompatibilityLevel.of(value.path("compatibilityLevel").asText()));
        } catch (RegistryException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static byte[] versionKey(String subject, int version) {
        return bytes(
                key("SCHEMA").put("subject", subject).put("version", version).put("magic", 1));
    }

    private static byte[] subjectDeletedKey(String subject) {
        return bytes(key("DELETE_SUBJECT").put("subject", subject).put("magic", 0));
    }

    private static ObjectNode key(String type) {
        return JSON.createObjectNode().put("keytype", type);
    }

    private static String text(JsonNode node, String field) throws IOException {
        if (!node.path(field).isTextual()) {
            throw new IOException("no text in field " + field);
        }
        return node.path(field).asText();
    }

    private static int number(JsonNode node, String field) throws IOException {
        if (!node.path(field).canConvertToInt()) {
            throw new IOException("no number in field " + field);
        }
        return node.path(field).asInt();
    }

    private static byte[] bytes(ObjectNode node) {
        try {
            return JSON.writeValueAsBytes(node);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
