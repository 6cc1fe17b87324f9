package io.penstock.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.io.CharConversionException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON bodies, and says what is wrong with them: {@code body.malformed} where they are not JSON or not of the shape that is
 * wanted, {@code parameter.invalid} where a value of the right kind is out of its range.
 */
public final class Bodies {
    private static final int MAX_DEPTH = 100;
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    /** Where Jackson shows a second place, and where it names its own settings. */
    private static final Pattern PLACE = Pattern.compile("\\[Source: .*?; line: (\\d+), column: (\\d+)]");

    private static final Pattern SETTING = Pattern.compile(", from `[^`]*`");

    private Bodies() {}

    /** @throws PenstockException {@code body.malformed}, {@code body.too-large} */
    static JsonNode parse(byte @Nullable [] body) {
        if (body == null || body.length == 0) {
            throw malformed("The body is empty; send JSON.");
        }
        if (body.length > AccessFilter.MAX_BODY_BYTES) {
            throw new PenstockException(ErrorCode.BODY_TOO_LARGE, "The body is larger than 1 MiB.");
        }
        try {
            JsonNode node = MAPPER.readTree(body);
            if (node == null || node.isMissingNode()) {
                throw malformed("The body is empty; send JSON.");
            }
            refuseHalfCharacters(node);
            return node;
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            throw malformed("The body is not JSON"
                    + (at == null ? "" : ", line " + at.getLineNr() + " column " + at.getColumnNr()) + ": "
                    + plain(e.getOriginalMessage()) + ".");
        } catch (CharConversionException e) {
            throw malformed("The body is not text in UTF-8.");
        } catch (IOException e) {
            throw malformed("The body cannot be read as JSON.");
        }
    }

    /** JSON can write half of a surrogate pair, UTF-8 cannot: what is stored would not be what was sent. */
    private static void refuseHalfCharacters(JsonNode node) {
        if (node.isTextual() && !isWhole(node.textValue())) {
            throw malformed("The body holds half of a surrogate pair; send whole characters.");
        }
        node.fieldNames().forEachRemaining(name -> {
            if (!isWhole(name)) {
                throw malformed("The body holds half of a surrogate pair; send whole characters.");
            }
        });
        node.forEach(Bodies::refuseHalfCharacters);
    }

    private static boolean isWhole(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (i + 1 == text.length() || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }

    private static String plain(@Nullable String message) {
        String text = message == null ? "it cannot be read" : message;
        return SETTING.matcher(PLACE.matcher(text).replaceAll("line $1 column $2"))
                .replaceAll("");
    }

    /** @throws PenstockException {@code body.malformed}, {@code body.too-large} */
    public static JsonNode object(byte @Nullable [] body) {
        JsonNode node = parse(body);
        if (!node.isObject()) {
            throw malformed("The body must be a JSON object.");
        }
        return node;
    }

    public static String requiredText(JsonNode object, String field) {
        return text(object, field)
                .orElseThrow(() -> malformed("The field '" + field + "' is missing or not a string."));
    }

    public static Optional<String> text(JsonNode object, String field) {
        JsonNode node = object.get(field);
        if (node == null || node.isNull()) {
            return Optional.empty();
        }
        if (!node.isTextual()) {
            throw malformed("The field '" + field + "' must be a string.");
        }
        return Optional.of(node.textValue());
    }

    public static Optional<Integer> integer(JsonNode object, String field) {
        JsonNode node = object.get(field);
        if (node == null || node.isNull()) {
            return Optional.empty();
        }
        if (!node.canConvertToInt() || !node.isIntegralNumber()) {
            throw malformed("The field '" + field + "' must be a whole number.");
        }
        return Optional.of(node.intValue());
    }

    static List<String> texts(JsonNode object, String field) {
        JsonNode node = object.get(field);
        if (node == null || !node.isArray() || node.isEmpty()) {
            throw malformed("The field '" + field + "' must be a list of at least one string.");
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode item : node) {
            if (!item.isTextual()) {
                throw malformed("The field '" + field + "' must hold strings only.");
            }
            texts.add(item.textValue());
        }
        return texts;
    }

    /** @throws PenstockException {@code body.malformed} when the object has other fields, as one that is misspelt */
    static void refuseOthers(JsonNode object, Set<String> known) {
        object.fieldNames().forEachRemaining(field -> {
            if (!known.contains(field)) {
                throw malformed("The field '" + field + "' is not known; known are "
                        + String.join(", ", new TreeSet<>(known)) + ".");
            }
        });
    }

    public static PenstockException outOfRange(String detail) {
        return new PenstockException(ErrorCode.PARAMETER_INVALID, detail);
    }

    public static PenstockException malformed(String detail) {
        return new PenstockException(ErrorCode.BODY_MALFORMED, detail);
    }
}
