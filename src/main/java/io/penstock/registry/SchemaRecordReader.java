package io.penstock.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the records of {@code _schemas}, whoever wrote them. Fields that are not known here are passed over. */
final class SchemaRecordReader {
    private static final ObjectMapper JSON = new ObjectMapper();

    private SchemaRecordReader() {}

    /**
     * What a record says.
     *
     * @throws IOException when it is no record of a registry
     */
    static SchemaChange read(byte[] keyBytes, byte @Nullable [] valueBytes) throws IOException {
        JsonNode key = JSON.readTree(keyBytes);
        JsonNode value = valueBytes == null ? null : JSON.readTree(valueBytes);
        String subject = key.path("subject").isTextual() ? key.path("subject").asText() : null;
        if (subject != null && SubjectNames.isInAnotherContext(subject)) {
            return new SchemaChange.Nothing(); // ids of other contexts mean other schemas
        }
        return switch (key.path("keytype").asText()) {
            case SchemaRecords.SCHEMA -> version(key, value);
            case SchemaRecords.CONFIG -> config(subject, value);
            case SchemaRecords.MODE -> mode(subject, value);
            case SchemaRecords.DELETE_SUBJECT ->
                value == null
                        ? new SchemaChange.Nothing()
                        : new SchemaChange.SubjectDeleted(text(key, "subject"), number(value, "version"));
            case SchemaRecords.CLEAR_SUBJECT ->
                value == null ? new SchemaChange.Nothing() : new SchemaChange.SubjectCleared(subject);
            case "NOOP", "CONTEXT" -> new SchemaChange.Nothing();
            default -> throw new IOException("unknown key type in " + RegistryException.shortened(key.toString()));
        };
    }

    private static SchemaChange version(JsonNode key, @Nullable JsonNode value) throws IOException {
        String subject = text(key, "subject");
        int version = number(key, "version");
        if (value == null) {
            return new SchemaChange.VersionGone(subject, version);
        }
        SchemaContent content = new SchemaContent(
                value.path("schemaType").asText(SchemaContent.AVRO),
                text(value, "schema"),
                references(value.path("references")),
                objectOrNull(value.path("metadata")),
                objectOrNull(value.path("ruleSet")));
        return new SchemaChange.Version(new SchemaVersion(
                subject,
                version,
                number(value, "id"),
                content,
                value.path("deleted").asBoolean(false)));
    }

    private static List<SchemaReference> references(JsonNode array) throws IOException {
        List<SchemaReference> references = new ArrayList<>();
        for (JsonNode each : array) {
            references.add(new SchemaReference(text(each, "name"), text(each, "subject"), number(each, "version")));
        }
        return List.copyOf(references);
    }

    private static SchemaChange config(@Nullable String subject, @Nullable JsonNode value) throws IOException {
        if (!(value instanceof ObjectNode object)) {
            return new SchemaChange.Config(subject, null);
        }
        JsonNode level = object.path(SubjectConfig.LEVEL);
        JsonNode normalize = object.path(SubjectConfig.NORMALIZE);
        try {
            return new SchemaChange.Config(
                    subject,
                    new SubjectConfig(
                            level.isTextual() ? CompatibilityLevel.of(level.asText()) : null,
                            normalize.isBoolean() ? normalize.asBoolean() : null,
                            object));
        } catch (RegistryException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static SchemaChange mode(@Nullable String subject, @Nullable JsonNode value) throws IOException {
        if (value == null || !value.path("mode").isTextual()) {
            return new SchemaChange.Mode(subject, null);
        }
        try {
            return new SchemaChange.Mode(
                    subject, RegistryMode.of(value.path("mode").asText()));
        } catch (RegistryException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static @Nullable JsonNode objectOrNull(JsonNode node) {
        return node.isObject() ? node : null;
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
}
