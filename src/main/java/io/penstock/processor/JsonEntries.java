package io.penstock.processor;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads JSON written by people: one value or an array of them, comments allowed, each with the line it begins on. */
public final class JsonEntries {
    static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private JsonEntries() {}

    /** @param line line in the file, from 1 */
    public record Located(JsonNode node, int line) {}

    /**
     * The elements of an array, or the only value.
     *
     * @param origin what to call the text in an error, such as the file's name
     * @throws PenstockException {@code config.invalid} that names origin, line and fault
     */
    public static List<Located> read(byte[] json, String origin) {
        try (JsonParser parser = MAPPER.createParser(json)) {
            if (parser.nextToken() == null) {
                throw invalid(origin, 1, "it is empty", null);
            }
            List<Located> found = new ArrayList<>();
            if (parser.currentToken() == JsonToken.START_ARRAY) {
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    found.add(next(parser));
                }
            } else {
                found.add(next(parser));
            }
            if (parser.nextToken() != null) {
                throw invalid(
                        origin,
                        parser.currentTokenLocation().getLineNr(),
                        "something follows the end of the JSON",
                        null);
            }
            return found;
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 1 : Math.max(1, e.getLocation().getLineNr());
            throw invalid(origin, line, firstLine(e.getOriginalMessage()), e);
        } catch (IOException e) {
            throw invalid(origin, 1, "it is not text in UTF-8 (" + firstLine(e.getMessage()) + ")", e);
        }
    }

    private static Located next(JsonParser parser) throws IOException {
        int line = parser.currentTokenLocation().getLineNr();
        JsonNode node = MAPPER.readTree(parser);
        return new Located(node, line);
    }

    private static PenstockException invalid(String origin, int line, String fault, @Nullable Throwable cause) {
        return new InvalidConfigException(origin, line, fault, cause);
    }

    private static String firstLine(@Nullable String message) {
        return message == null ? "unreadable" : message.lines().findFirst().orElse("unreadable");
    }

    /** A configuration that cannot be read: which, where and why. */
    public static final class InvalidConfigException extends PenstockException {
        private final int line;
        private final String fault;

        InvalidConfigException(String origin, int line, String fault, @Nullable Throwable cause) {
            super(
                    ErrorCode.CONFIG_INVALID,
                    "Cannot read " + origin + ", line " + line + ": " + fault
                            + ". Correct it; nothing else is affected.",
                    cause);
            this.line = line;
            this.fault = fault;
        }

        public int line() {
            return line;
        }

        public String fault() {
            return fault;
        }
    }
}
