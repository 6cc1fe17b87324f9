package io.penstock.query;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Hides what names itself a secret: fields, headers and parameters of addresses. What cannot be processed may be anything, a body
 * with a key in it that was sent to the wrong place among it.
 */
final class Secrets {
    static final String HIDDEN = "***";

    private static final String NAME =
            "[\\w.-]{0,40}?(?:api[_-]?key|token|secret|passw|pwd|signature|authorization|credential|cookie|jaas)[\\w.-]{0,40}";
    private static final Pattern IS_NAME = Pattern.compile(NAME, Pattern.CASE_INSENSITIVE);
    /** {@code "api_key": "..."}, also where a text was cut off before its end. */
    private static final Pattern IN_JSON =
            Pattern.compile("(\"" + NAME + "\"\\s*:\\s*\")((?:[^\"\\\\]|\\\\.)*+)", Pattern.CASE_INSENSITIVE);
    /** {@code api_key=...}, as in queries and forms, and {@code Authorization: ...}, as in headers. */
    private static final Pattern IN_PARAMETER = Pattern.compile(
            "(\\b" + NAME + "\\s*[=:]\\s*)((?:bearer |basic )?[^\\s&\"',;]++)", Pattern.CASE_INSENSITIVE);
    /** {@code https://user:password@host}. */
    private static final Pattern IN_ADDRESS = Pattern.compile("(://[^/\\s:@]*+:)([^/\\s@]++)(@)");

    private Secrets() {}

    static String hide(String text) {
        String hidden = IN_JSON.matcher(text).replaceAll(Secrets::firstAlone);
        hidden =
                IN_ADDRESS.matcher(hidden).replaceAll(found -> Matcher.quoteReplacement(found.group(1) + HIDDEN + "@"));
        return IN_PARAMETER.matcher(hidden).replaceAll(Secrets::firstAlone);
    }

    private static String firstAlone(java.util.regex.MatchResult found) {
        return Matcher.quoteReplacement(found.group(1) + HIDDEN);
    }

    /** The same in every text, and whole where the field's name says so. */
    static JsonNode hide(JsonNode node) {
        return switch (node) {
            case ObjectNode object -> {
                for (Map.Entry<String, JsonNode> field : object.properties()) {
                    boolean secret = IS_NAME.matcher(field.getKey()).matches()
                            && field.getValue().isTextual();
                    field.setValue(secret ? TextNode.valueOf(HIDDEN) : hide(field.getValue()));
                }
                yield object;
            }
            case ArrayNode array -> {
                for (int i = 0; i < array.size(); i++) {
                    array.set(i, hide(array.get(i)));
                }
                yield array;
            }
            case TextNode text -> TextNode.valueOf(hide(text.textValue()));
            default -> node;
        };
    }
}
