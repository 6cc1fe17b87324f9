package io.penstock.processor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schema.ModelChoice;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes a processor's choice of a language model from JSON. A field that is not known is a fault, for it is most likely an
 * address or a key: those come from the environment alone, and what is written there must not be stored.
 */
final class ModelParser {
    static final String FIELD = "llm";

    private static final List<String> FIELDS = List.of("kind", "model", "temperature");
    private static final Set<String> KINDS = Set.of("openai", "none");
    private static final int LONGEST_NAME = 200;
    private static final double HIGHEST_TEMPERATURE = 2;

    private final Problems problems;

    ModelParser(Problems problems) {
        this.problems = problems;
    }

    @Nullable
    ModelChoice parse(@Nullable JsonNode node) {
        if (node == null || node.isNull()) {
            return null;
        }
        if (!node.isObject()) {
            problems.invalid(
                    FIELD,
                    "This is an object, such as {\"kind\": \"openai\", \"model\": \"llama3\"} or {\"kind\": \"none\"}.");
            return null;
        }
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            if (!FIELDS.contains(field.getKey())) {
                problems.invalid(
                        FIELD + "." + field.getKey(),
                        "There is no such field; known are kind, model and temperature. The address and the key of the"
                                + " language model are OPENAI_BASE_URL and OPENAI_API_KEY in the environment.");
            }
        }
        return ModelChoice.newBuilder()
                .setKind(kind(node.get("kind")))
                .setModel(model(node.get("model")))
                .setTemperature(temperature(node.get("temperature")))
                .build();
    }

    private @Nullable String kind(@Nullable JsonNode node) {
        if (node == null || node.isNull()) {
            return null;
        }
        if (!node.isTextual() || !KINDS.contains(node.textValue())) {
            problems.invalid(FIELD + ".kind", "The kind is openai or none.");
            return null;
        }
        return node.textValue();
    }

    private @Nullable String model(@Nullable JsonNode node) {
        if (node == null || node.isNull()) {
            return null;
        }
        String name = node.isTextual() ? node.textValue().strip() : "";
        if (name.isEmpty() || name.length() > LONGEST_NAME || name.chars().anyMatch(Character::isISOControl)) {
            problems.invalid(
                    FIELD + ".model",
                    "The model is the name that the endpoint knows it by, of 1 to " + LONGEST_NAME + " characters.");
            return null;
        }
        return name;
    }

    private @Nullable Double temperature(@Nullable JsonNode node) {
        if (node == null || node.isNull()) {
            return null;
        }
        if (!node.isNumber() || !(node.doubleValue() >= 0 && node.doubleValue() <= HIGHEST_TEMPERATURE)) {
            problems.invalid(FIELD + ".temperature", "The temperature is a number from 0 to 2.");
            return null;
        }
        return node.doubleValue();
    }

    /** The configuration without what is not known about the choice. */
    static void strip(ObjectNode config) {
        if (config.get(FIELD) instanceof ObjectNode choice) {
            choice.retain(FIELDS);
        }
    }
}
