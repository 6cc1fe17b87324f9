package io.penstock.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * The records of {@code _schemas} as Confluent's registry writes them: JSON keys with a key type and a magic number, JSON
 * values. The order of a key's fields matters, since compaction compares bytes.
 */
final class SchemaRecords {
    static final String SCHEMA = "SCHEMA";
    static final String CONFIG = "CONFIG";
    static final String MODE = "MODE";
    static final String DELETE_SUBJECT = "DELETE_SUBJECT";
    static final String CLEAR_SUBJECT = "CLEAR_SUBJECT";

    private static final ObjectMapper JSON = new ObjectMapper();

    private SchemaRecords() {}

    /** One record to write; a null value deletes. */
    record Entry(byte[] key, byte @Nullable [] value) {}

    static Entry version(SchemaVersion version) {
        ObjectNode value = JSON.createObjectNode()
                .put("subject", version.subject())
                .put("version", version.version())
                .put("id", version.id());
        describe(value, version.content());
        value.put("schema", version.schema()).put("deleted", version.deleted());
        return new Entry(versionKey(version.subject(), version.version()), bytes(value));
    }

    static Entry versionGone(String subject, int version) {
        return new Entry(versionKey(subject, version), null);
    }

    static Entry config(@Nullable String subject, @Nullable SubjectConfig config) {
        return new Entry(bytes(key(CONFIG, subject)), config == null ? null : bytes(config.value()));
    }

    static Entry mode(@Nullable String subject, @Nullable RegistryMode mode) {
        return new Entry(
                bytes(key(MODE, subject)),
                mode == null ? null : bytes(JSON.createObjectNode().put("mode", mode.name())));
    }

    static Entry subjectDeleted(String subject, int upTo) {
        ObjectNode value = JSON.createObjectNode().put("subject", subject).put("version", upTo);
        return new Entry(bytes(key(DELETE_SUBJECT, subject)), bytes(value));
    }

    static Entry subjectDeletionGone(String subject) {
        return new Entry(bytes(key(DELETE_SUBJECT, subject)), null);
    }

    static Entry subjectCleared(@Nullable String subject) {
        ObjectNode value = JSON.createObjectNode().put("subject", subject);
        return new Entry(bytes(key(CLEAR_SUBJECT, subject)), bytes(value));
    }

    /** Adds what a schema is beside its text, leaving out what it is not, as Confluent's registry does. */
    static void describe(ObjectNode node, SchemaContent content) {
        if (!content.isAvro()) {
            node.put("schemaType", content.type());
        }
        if (!content.references().isEmpty()) {
            ArrayNode references = node.putArray("references");
            for (SchemaReference reference : content.references()) {
                references
                        .addObject()
                        .put("name", reference.name())
                        .put("subject", reference.subject())
                        .put("version", reference.version());
            }
        }
        if (content.metadata() != null) {
            node.set("metadata", content.metadata());
        }
        if (content.ruleSet() != null) {
            node.set("ruleSet", content.ruleSet());
        }
    }

    private static byte[] versionKey(String subject, int version) {
        return bytes(JSON.createObjectNode()
                .put("keytype", SCHEMA)
                .put("subject", subject)
                .put("version", version)
                .put("magic", 1));
    }

    private static ObjectNode key(String type, @Nullable String subject) {
        return JSON.createObjectNode()
                .put("keytype", type)
                .put("subject", subject)
                .put("magic", 0);
    }

    private static byte[] bytes(ObjectNode node) {
        try {
            return JSON.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
