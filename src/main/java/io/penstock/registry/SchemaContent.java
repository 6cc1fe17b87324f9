package io.penstock.registry;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an id stands for. Two versions with equal contents bear the same id.
 *
 * @param type {@code AVRO}, or what another registry wrote; only Avro can be registered here
 * @param text the schema itself
 * @param references the versions whose types it uses
 * @param metadata kept and given back as it came
 * @param ruleSet likewise; no rule is carried out
 */
record SchemaContent(
        String type,
        String text,
        List<SchemaReference> references,
        @Nullable JsonNode metadata,
        @Nullable JsonNode ruleSet) {
    static final String AVRO = "AVRO";

    static SchemaContent avro(String text) {
        return new SchemaContent(AVRO, text, List.of(), null, null);
    }

    boolean isAvro() {
        return type.equals(AVRO);
    }

    SchemaContent withText(String newText) {
        return new SchemaContent(type, newText, references, metadata, ruleSet);
    }

    SchemaContent withReferences(List<SchemaReference> newReferences) {
        return new SchemaContent(type, text, newReferences, metadata, ruleSet);
    }
}
