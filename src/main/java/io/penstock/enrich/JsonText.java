package io.penstock.enrich;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Text of JSON: a string is the text, so is an object's {@code text} or {@code content}; all else becomes {@code path: value} lines. */
final class JsonText {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();
    private static final List<String> TEXT_FIELDS = List.of("text", "content");

    private JsonText() {}

    static ExtractedText extract(String json) {
        JsonNode root;
        try {
            root = MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new PenstockException(
                    ErrorCode.CONTENT_UNSUPPORTED,
                    "The content type is JSON, but the content is not: " + e.getOriginalMessage() + " (line "
                            + (e.getLocation() == null ? "?" : e.getLocation().getLineNr()) + ").",
                    e);
        }
        String title = text(root, "title");
        if (root.isTextual()) {
            return ExtractedText.of(null, root.textValue());
        }
        for (String field : TEXT_FIELDS) {
            String text = text(root, field);
            if (text != null) {
                return ExtractedText.of(title, text);
            }
        }
        StringBuilder lines = new StringBuilder();
        append(lines, "", root);
        return ExtractedText.of(title, lines.toString());
    }

    private static @Nullable String text(JsonNode node, String field) {
        JsonNode value = node.get(field);
        return value != null && value.isTextual() ? value.textValue() : null;
    }

    private static void append(StringBuilder lines, String path, JsonNode node) {
        if (node.isObject()) {
            for (Map.Entry<String, JsonNode> field : node.properties()) {
                append(lines, path.isEmpty() ? field.getKey() : path + "." + field.getKey(), field.getValue());
            }
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                append(lines, path + "[" + i + "]", node.get(i));
            }
        } else if (!node.isNull() && !node.isMissingNode()) {
            lines.append(path.isEmpty() ? "" : path + ": ")
                    .append(node.asText())
                    .append('\n');
        }
    }
}
