package io.penstock.enrich;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Text of JSON: a string is the text, so is an object's {@code text} or {@code content}; all else becomes {@code path: value}
 * lines. Reads token by token, so that it needs no more memory than the content and the text.
 */
final class JsonText {
    // Names come from outside: a table of them that lives on would only grow.
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build();
    private static final Set<String> TEXT_FIELDS = Set.of("title", "text", "content");

    private final int maxCharacters;
    private final StringBuilder lines = new StringBuilder();
    private final StringBuilder path = new StringBuilder();
    /** Those of {@link #TEXT_FIELDS} that the outermost object has as strings. */
    private final Map<String, String> texts = new HashMap<>();

    private boolean tooLong;

    private JsonText(int maxCharacters) {
        this.maxCharacters = maxCharacters;
    }

    /**
     * @param maxCharacters bounds the lines; each repeats its path, so they may be a thousand times as long as the content
     * @throws PenstockException {@code content.unsupported} when it is no JSON, {@code record.too-large} when the lines are too
     *     long
     */
    static ExtractedText extract(String json, int maxCharacters) {
        JsonText reader = new JsonText(maxCharacters);
        try (JsonParser parser = FACTORY.createParser(json)) {
            reader.read(parser);
        } catch (JsonProcessingException e) {
            throw new PenstockException(
                    ErrorCode.CONTENT_UNSUPPORTED,
                    "The content type is JSON, but the content is not: " + e.getOriginalMessage() + " (line "
                            + (e.getLocation() == null ? "?" : e.getLocation().getLineNr()) + ").",
                    e);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a string in memory: there is no device that could fail
        }
        return ExtractedText.of(reader.texts.get("title"), reader.text());
    }

    private String text() {
        String text = texts.getOrDefault("text", texts.get("content"));
        if (text != null) {
            return text;
        }
        if (tooLong) {
            throw new PenstockException(
                    ErrorCode.RECORD_TOO_LARGE,
                    "Written as lines of path and value, this JSON has more than " + maxCharacters
                            + " characters. Capture smaller parts of it, or give its text in a field 'text'.");
        }
        return lines.toString();
    }

    private void read(JsonParser parser) throws IOException {
        if (parser.nextToken() == null) {
            return; // nothing but white space: the quality rules will tell
        }
        value(parser, 0);
        if (parser.nextToken() != null) {
            throw new JsonParseException(parser, "something follows after its end");
        }
    }

    private void value(JsonParser parser, int depth) throws IOException {
        switch (parser.currentToken()) {
            case START_OBJECT -> fields(parser, depth);
            case START_ARRAY -> elements(parser, depth);
            case VALUE_NULL -> {}
            default -> leaf(parser.getText());
        }
    }

    private void fields(JsonParser parser, int depth) throws IOException {
        int length = path.length();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            boolean isString = parser.nextToken() == JsonToken.VALUE_STRING;
            if (depth == 0 && isString && TEXT_FIELDS.contains(name)) {
                texts.put(name, parser.getText());
            }
            path.append(length == 0 ? "" : ".").append(name);
            value(parser, depth + 1);
            path.setLength(length);
        }
    }

    private void elements(JsonParser parser, int depth) throws IOException {
        int length = path.length();
        for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
            path.append('[').append(i).append(']');
            value(parser, depth + 1);
            path.setLength(length);
        }
    }

    private void leaf(String value) {
        tooLong |= lines.length() + path.length() + value.length() + 3L > maxCharacters;
        if (!tooLong) {
            lines.append(path).append(path.isEmpty() ? "" : ": ").append(value).append('\n');
        }
    }
}
