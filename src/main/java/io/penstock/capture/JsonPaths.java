package io.penstock.capture;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.jayway.jsonpath.Configuration;
import com.jayway.jsonpath.InvalidPathException;
import com.jayway.jsonpath.JsonPath;
import com.jayway.jsonpath.JsonPathException;
import com.jayway.jsonpath.PathNotFoundException;
import com.jayway.jsonpath.spi.json.JacksonJsonNodeJsonProvider;
import com.jayway.jsonpath.spi.mapper.JacksonMappingProvider;
import io.penstock.error.ErrorCode;
import io.penstock.stage.CallException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** JSON that servers send, and JSONPath over it. Numbers stay as they are written. */
final class JsonPaths {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();
    private static final Configuration CONFIGURATION = Configuration.builder()
            .jsonProvider(new JacksonJsonNodeJsonProvider(MAPPER))
            .mappingProvider(new JacksonMappingProvider(MAPPER))
            .build();

    private JsonPaths() {}

    /** @throws CallException {@code capture.json-broken} */
    static JsonNode parse(CapturedContent content) throws CallException {
        try {
            JsonNode document = MAPPER.readTree(ContentCharset.decode(content.content(), content.contentType()));
            if (!document.isMissingNode()) {
                return document;
            }
            throw broken(content, "it is empty");
        } catch (JsonProcessingException e) {
            String where = e.getLocation() == null
                    ? ""
                    : " in line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr();
            // Not the parser's own words, which repeat the content.
            throw broken(content, "the fault is" + where);
        }
    }

    private static CallException broken(CapturedContent content, String fault) {
        return CallException.permanent(
                ErrorCode.CAPTURE_JSON_BROKEN.code(),
                content.uri() + " gave what is no JSON (" + content.contentType() + "): " + fault + ".");
    }

    /** @throws CallException {@code record.invalid}; configurations are checked before, tasks of others may not be */
    static JsonPath compile(String path) throws CallException {
        try {
            return JsonPath.compile(path);
        } catch (InvalidPathException | IllegalArgumentException e) {
            throw CallException.permanent(
                    ErrorCode.RECORD_INVALID.code(), "'" + path + "' is no JSONPath: " + e.getMessage() + ".");
        }
    }

    static @Nullable JsonPath compileOrNull(@Nullable String path) throws CallException {
        return path == null ? null : compile(path);
    }

    /** What a path finds; an indefinite path finds an array, which may be empty. */
    static Optional<JsonNode> find(JsonPath path, JsonNode in) {
        try {
            JsonNode found = path.read(in, CONFIGURATION);
            return Optional.ofNullable(found).filter(node -> !node.isMissingNode());
        } catch (PathNotFoundException e) {
            return Optional.empty();
        } catch (JsonPathException | ClassCastException e) {
            return Optional.empty(); // a function over what it cannot be applied to finds nothing either
        }
    }

    /** The text, number or truth value that a path finds, as text that is not blank; the first of several. */
    static Optional<String> text(@Nullable JsonPath path, JsonNode in) {
        if (path == null) {
            return Optional.empty();
        }
        return find(path, in)
                .map(node -> node.isArray() && !path.isDefinite() && !node.isEmpty() ? node.get(0) : node)
                .filter(node -> node.isValueNode() && !node.isNull())
                .map(JsonNode::asText)
                .filter(text -> !text.isBlank());
    }
}
