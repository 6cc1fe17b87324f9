package io.penstock.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** Reads and writes JSON. */
final class Json {
    private static final JsonMapper MAPPER = new JsonMapper();

    private Json() {}

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** The object that a text holds, if it holds one. */
    static Optional<ObjectNode> read(String text) {
        try {
            return MAPPER.readTree(text) instanceof ObjectNode object ? Optional.of(object) : Optional.empty();
        } catch (JsonProcessingException e) {
            return Optional.empty(); // whoever asks says what that means
        }
    }

    /** On one line, and with nothing in it that a terminal would obey. */
    static String line(JsonNode node) {
        try {
            String text = MAPPER.writeValueAsString(node);
            if (text.chars().noneMatch(Json::isUnescapedControl)) {
                return text;
            }
            StringBuilder escaped = new StringBuilder(text.length() + 16);
            text.chars().forEach(character -> {
                if (isUnescapedControl(character)) {
                    escaped.append("\\u%04x".formatted(character));
                } else {
                    escaped.append((char) character);
                }
            });
            return escaped.toString();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e); // a tree can always be written
        }
    }

    /** Jackson escapes those below the space; these may stand in JSON as they are, but only in strings. */
    private static boolean isUnescapedControl(int character) {
        return (character >= 0x7f && character <= 0x9f) || Screen.turnsDirection(character);
    }

    /** What happened, for a program that reads one object a line. */
    static ObjectNode event(String name, JsonNode data) {
        ObjectNode event = object().put("event", name);
        if (data instanceof ObjectNode members) {
            event.setAll(members);
        }
        return event;
    }
}
