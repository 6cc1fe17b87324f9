package io.penstock.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The three bodies of the original system may carry the key as {@code api_key}. It is looked at here and taken out, so that it
 * goes no further than this.
 */
final class OriginalBodies {
    private static final String KEY = "api_key";

    enum Action {
        CREATE,
        DELETE
    }

    private OriginalBodies() {}

    static JsonNode object(ApiKey key, RoutingContext call, byte @Nullable [] body) {
        List<JsonNode> objects = objects(key, call, body);
        if (objects.size() != 1) {
            throw Bodies.malformed("The body must be one JSON object.");
        }
        return objects.getFirst();
    }

    /** One object, or an array of them. */
    static List<JsonNode> objects(ApiKey key, RoutingContext call, byte @Nullable [] body) {
        boolean authenticated = Boolean.TRUE.equals(call.get(AccessFilter.AUTHENTICATED));
        JsonNode parsed;
        try {
            parsed = Bodies.parse(body);
        } catch (PenstockException e) {
            // Whoever has not shown the key learns nothing about the body.
            throw authenticated || e.code() == ErrorCode.BODY_TOO_LARGE ? e : missing(key);
        }
        List<JsonNode> objects = new ArrayList<>();
        if (parsed.isArray()) {
            parsed.forEach(objects::add);
        } else {
            objects.add(parsed);
        }
        boolean malformed = objects.isEmpty() || objects.stream().anyMatch(object -> !object.isObject());
        if (!authenticated) {
            if (malformed || objects.stream().anyMatch(object -> !object.has(KEY))) {
                throw missing(key);
            }
            if (objects.stream().anyMatch(object -> !key.matches(object.get(KEY).asText(null)))) {
                throw new PenstockException(ErrorCode.KEY_WRONG, "The key is wrong. " + key.whereItIs());
            }
        }
        if (malformed) {
            throw Bodies.malformed("The body must be a JSON object or an array of them.");
        }
        objects.forEach(object -> ((ObjectNode) object).remove(KEY));
        return objects;
    }

    private static PenstockException missing(ApiKey key) {
        return new PenstockException(
                ErrorCode.KEY_MISSING,
                "The key is missing: send it as X-API-Key, as a bearer token, or as api_key in the body. "
                        + key.whereItIs());
    }

    static Action action(JsonNode body, String field) {
        return switch (Bodies.requiredText(body, field)) {
            case "create" -> Action.CREATE;
            case "delete" -> Action.DELETE;
            default -> throw Bodies.malformed("The field '" + field + "' is 'create' or 'delete'.");
        };
    }
}
