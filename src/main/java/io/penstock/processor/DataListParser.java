package io.penstock.processor;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schema.DataEntry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Makes the entries of a data list from JSON: objects with {@code value}, {@code label} and whatever else, or plain strings. */
final class DataListParser {
    private static final int LONGEST_VALUE = 1024;
    private static final String FIELD = "data_list";

    private final Problems problems;

    DataListParser(Problems problems) {
        this.problems = problems;
    }

    List<DataEntry> parse(List<JsonNode> nodes) {
        if (nodes.isEmpty()) {
            problems.invalid(FIELD, "The data list has no entry; a processor needs at least one.");
            return List.of();
        }
        Map<String, DataEntry> byValue = new LinkedHashMap<>();
        for (int i = 0; i < nodes.size(); i++) {
            String field = FIELD + "[" + i + "]";
            DataEntry entry = entry(nodes.get(i), field);
            if (entry == null) {
                continue;
            }
            DataEntry earlier = byValue.putIfAbsent(entry.getValue(), entry);
            // The value names the task and the record. The very same entry twice is one entry, which harms nobody.
            if (earlier != null && !earlier.equals(entry)) {
                problems.invalid(
                        field + ".value",
                        "The value '" + entry.getValue() + "' occurs twice with different content; values identify "
                                + "entries, so each may occur once.");
            }
        }
        return new ArrayList<>(byValue.values());
    }

    private @Nullable DataEntry entry(JsonNode node, String field) {
        if (node.isObject()) {
            String value = scalar(node.get("value"));
            String label = scalar(node.get("label"));
            return checked(value, label, others(node), field + ".value");
        }
        return checked(scalar(node), null, Map.of(), field);
    }

    private @Nullable DataEntry checked(
            @Nullable String value, @Nullable String label, Map<String, String> fields, String field) {
        if (value == null || value.isBlank()) {
            problems.invalid(
                    field, "Each entry needs a value: {\"value\": \"aapl\", \"label\": \"Apple Inc\"} or \"aapl\".");
            return null;
        }
        if (value.length() > LONGEST_VALUE || value.chars().anyMatch(Character::isISOControl)) {
            problems.invalid(field, "A value has at most " + LONGEST_VALUE + " characters and no control characters.");
            return null;
        }
        return DataEntry.newBuilder()
                .setValue(value)
                .setLabel(label == null || label.isBlank() ? value : label)
                .setFields(fields)
                .build();
    }

    private static Map<String, String> others(JsonNode node) {
        Map<String, String> fields = new TreeMap<>();
        for (Map.Entry<String, JsonNode> property : node.properties()) {
            JsonNode value = property.getValue();
            if (!property.getKey().equals("value") && !property.getKey().equals("label") && !value.isNull()) {
                fields.put(property.getKey(), value.isTextual() ? value.textValue() : value.toString());
            }
        }
        return fields;
    }

    /** Text, or a number or truth value as text: {@code 7} and {@code "7"} name the same entry. */
    private static @Nullable String scalar(@Nullable JsonNode node) {
        return node == null || node.isNull() || !node.isValueNode() ? null : node.asText();
    }
}
