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
        if (leavesABracketOpen(path)) {
            invalid(name, "This is no JSONPath, such as $.items: its brackets do not match.");
            return null;
        }
        try {
            JsonPath.compile(path);
            return path;
        } catch (InvalidPathException | IllegalArgumentException e) {
            String fault = String.valueOf(e.getMessage());
            invalid(name, "This is no JSONPath, such as $.items: " + fault + (fault.endsWith(".") ? "" : "."));
            return null;
        }
    }

    /** The compiler passes over a bracket at the end, and over one that was never opened. */
    private static boolean leavesABracketOpen(String path) {
        if (path.contains("=~")) {
            return path.endsWith("["); // the brackets of a regular expression are its own
        }
        int open = 0;
        char quote = 0;
        for (int i = 0; i < path.length() && open >= 0; i++) {
            char c = path.charAt(i);
            if (quote != 0) {
                if (c == '\\') {
                    i++;
                } else if (c == quote) {
                    quote = 0;
                }
            } else if (open > 0 && (c == '\'' || c == '"')) {
                quote = c;
            } else if (c == '[') {
                open++;
            } else if (c == ']') {
                open--;
            }
        }
        return open != 0;
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
