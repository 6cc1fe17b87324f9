package io.penstock.processor;

import com.fasterxml.jackson.databind.JsonNode;
import com.jayway.jsonpath.InvalidPathException;
import com.jayway.jsonpath.JsonPath;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The typed fields of one JSON object within a source. Each fault becomes a problem that names the field. */
final class SourceFields {
    private static final int LONGEST_PATH = 1000;

    private final JsonNode node;
    private final String prefix;
    private final Problems problems;

    /** @param prefix name of the object, such as {@code source.records} */
    SourceFields(JsonNode node, String prefix, Problems problems) {
        this.node = node;
        this.prefix = prefix;
        this.problems = problems;
    }

    @Nullable
    JsonNode node(String name) {
        JsonNode value = node.get(name);
        return value == null || value.isNull() ? null : value;
    }

    void invalid(String name, String message) {
        problems.invalid(prefix + "." + name, message);
    }

    /** @param what what the object is, as in {@code a file source} */
    void allowOnly(List<String> known, String what) {
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            if (!known.contains(field.getKey())) {
                invalid(
                        field.getKey(),
                        "There is no such field in " + what + "; its fields are " + String.join(", ", known) + ".");
            }
        }
    }

    @Nullable
    String text(String name) {
        JsonNode value = node(name);
        if (value == null) {
            return null;
        }
        if (!value.isTextual()) {
            invalid(name, "This is text.");
            return null;
        }
        return value.textValue();
    }

    /** @return never null when there is no problem */
    @Nullable
    String requiredPath(String name, String otherwise) {
        String path = path(name);
        if (path == null && node(name) == null) {
            invalid(name, otherwise);
        }
        return path;
    }

    /** A JSONPath that can be compiled. */
    @Nullable
    String path(String name) {
        String path = text(name);
        if (path == null) {
            return null;
        }
        if (path.isBlank() || path.length() > LONGEST_PATH) {
            invalid(name, "A JSONPath has 1 to " + LONGEST_PATH + " characters, such as $.items.");
            return null;
        }
        try {
            JsonPath.compile(path);
            return path;
        } catch (InvalidPathException | IllegalArgumentException e) {
            invalid(name, "This is no JSONPath, such as $.items: " + e.getMessage() + ".");
            return null;
        }
    }

    @Nullable
    Integer whole(String name, int least, int most) {
        JsonNode value = node(name);
        if (value == null) {
            return null;
        }
        if (!value.isNumber()
                || value.doubleValue() != Math.rint(value.doubleValue())
                || value.doubleValue() < least
                || value.doubleValue() > most) {
            invalid(name, "This is a whole number from " + least + " to " + most + ".");
            return null;
        }
        return value.intValue();
    }

    /** An object of text, numbers and truth values by name. */
    Map<String, String> texts(String name, String example) {
        Map<String, String> texts = new TreeMap<>();
        JsonNode object = node(name);
        if (object == null) {
            return texts;
        }
        if (!object.isObject()) {
            invalid(name, "This is an object: " + example + ".");
            return texts;
        }
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            if (!field.getValue().isValueNode() || field.getValue().isNull()) {
                invalid(name + "." + field.getKey(), "This is text.");
            } else {
                texts.put(field.getKey(), field.getValue().asText());
            }
        }
        return texts;
    }
}
