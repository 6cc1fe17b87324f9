package io.penstock.capture;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.error.ErrorCode;
import io.penstock.stage.CallException;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The entry's own fields are the content: plain text when the only one is {@code text} or {@code content}, else a JSON object
 * with its fields in the order of their names, so that equal entries give equal bytes.
 */
final class InlineSource implements Source {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final int maxContentBytes;

    InlineSource(CaptureSettings settings) {
        maxContentBytes = settings.maxContentBytes();
    }

    @Override
    public Fetched fetch(CaptureRequest request) throws CallException {
        Map<String, String> fields = new TreeMap<>(request.entry().getFields());
        if (fields.isEmpty()) {
            throw CallException.permanent(
                    ErrorCode.CAPTURE_NOT_FOUND.code(),
                    "The entry '" + request.entry().getValue() + "' of processor " + request.processor()
                            + " has no field beside value and label, and there is no source to take it from.");
        }
        boolean plain = fields.size() == 1 && (fields.containsKey("text") || fields.containsKey("content"));
        String body = plain ? fields.values().iterator().next() : json(fields);
        String type = plain ? ContentTypes.TEXT : ContentTypes.JSON;
        byte[] content = body.getBytes(UTF_8);
        if (content.length > maxContentBytes) {
            throw Failures.tooLarge("The entry '" + request.entry().getValue() + "'", maxContentBytes);
        }
        String uri = "inline:" + Template.urlEncoded(request.processor()) + "/"
                + Template.urlEncoded(request.entry().getValue());
        return Fetched.of(new CapturedContent(
                content, Objects.requireNonNullElse(request.source().getContentType(), type), uri, Map.of()));
    }

    private static String json(Map<String, String> fields) {
        ObjectNode object = MAPPER.createObjectNode();
        fields.forEach((name, value) -> object.set(name, node(value)));
        return object.toString();
    }

    /** A field that was an object or array is kept as JSON text; it becomes one again. All else is text. */
    private static JsonNode node(String value) {
        if (value.startsWith("{") || value.startsWith("[")) {
            try {
                return MAPPER.readTree(value);
            } catch (JsonProcessingException e) {
                // It only looked like JSON: text.
                return MAPPER.getNodeFactory().textNode(value);
            }
        }
        return MAPPER.getNodeFactory().textNode(value);
    }
}
