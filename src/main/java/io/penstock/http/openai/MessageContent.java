package io.penstock.http.openai;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.StringJoiner;

/** The text of a message: a string, or parts of it, which are put on lines of their own. */
final class MessageContent {
    private MessageContent() {}

    /** @param at path of the message in the body */
    static String text(JsonNode message, String at) {
        String path = at + ".content";
        JsonNode content = message.path("content");
        if (content.isTextual()) {
            return content.textValue();
        }
        if (!content.isArray() || content.isEmpty()) {
            throw InvalidParameter.malformed(path, "The content of a message is a string, or an array of parts.");
        }
        StringJoiner text = new StringJoiner("\n");
        for (int i = 0; i < content.size(); i++) {
            text.add(part(content.get(i), path + "[" + i + "]"));
        }
        return text.toString();
    }

    private static String part(JsonNode part, String at) {
        String type = part.path("type").asText();
        if (!type.equals("text") && !type.equals("refusal")) {
            throw InvalidParameter.unsupported(
                    at + ".type", "A part of a message is text; images, sound and files are not looked at.");
        }
        JsonNode text = part.path(type);
        if (!text.isTextual()) {
            throw InvalidParameter.malformed(at, "A part of a message has its text in the field '" + type + "'.");
        }
        return text.textValue();
    }
}
