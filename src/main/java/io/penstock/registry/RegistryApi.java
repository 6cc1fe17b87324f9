package io.penstock.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.error.PenstockException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Confluent's REST API, free of any HTTP framework: a method, a path, a query and a body in, a status and JSON out. Errors
 * are in Confluent's shape, {@code {"error_code": 40401, "message": "..."}}.
 */
public final class RegistryApi {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** The generation of Confluent's API whose calls are served. */
    private static final Map<String, String> VERSION = Map.of("version", "7.6.0", "commitId", "penstock");

    private static final Map<String, Object> CLUSTER =
            Map.of("scope", Map.of("path", List.of(), "clusters", Map.of("schema-registry-cluster", "penstock")));

    private final Supplier<EmbeddedRegistry> access;

    /** @param access hands out the registry, or throws a {@link PenstockException} */
    public RegistryApi(Supplier<EmbeddedRegistry> access) {
        this.access = access;
    }

    /** An answer: the HTTP status, and JSON text. */
    public record Answer(int status, String json) {}

    /**
     * Answers one call; never throws for what the caller sent.
     *
     * @param rawPath the path below the registry's root, still percent-encoded
     * @param rawQuery the query, still percent-encoded; null when there is none
     */
    public Answer handle(String method, String rawPath, @Nullable String rawQuery, @Nullable String body) {
        try {
            Object answer = route(RegistryCall.of(method, rawPath, rawQuery, body));
            return new Answer(200, JSON.writeValueAsString(answer));
        } catch (RegistryException e) {
            return error(e.status(), e.errorCode(), e.getMessage());
        } catch (PenstockException e) {
            return error(e.code().status(), e.code().status(), e.detail());
        } catch (StackOverflowError e) {
            return error(422, RegistryException.INVALID_SCHEMA, "The schema is nested too deeply.");
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An error in Confluent's shape. */
    static Answer error(int status, int code, @Nullable String message) {
        return new Answer(
                status,
                JSON.createObjectNode()
                        .put("error_code", code)
                        .put("message", message)
                        .toString());
    }

    private Object route(RegistryCall call) {
        if (call.path().isEmpty()) {
            return call.only("GET", Map::of);
        }
        List<String> rest = call.path().subList(1, call.path().size());
        return switch (call.path().getFirst()) {
            case "subjects" -> new SubjectsApi(access.get()).answer(rest, call);
            case "schemas" -> new SchemasApi(access.get()).answer(rest, call);
            case "compatibility" -> new CompatibilityApi(access.get()).answer(rest, call);
            case "config" -> new ConfigApi(access.get()).answer(subject(rest), call);
            case "mode" -> new ModeApi(access.get()).answer(subject(rest), call);
            case "contexts" -> alone(rest, call, List.of("."));
            case "v1" ->
                switch (String.join("/", rest)) {
                    case "metadata/id" -> call.only("GET", () -> CLUSTER);
                    case "metadata/version" -> call.only("GET", () -> VERSION);
                    default -> throw RegistryCall.unknownPath();
                };
            default -> throw RegistryCall.unknownPath();
        };
    }

    private static Object alone(List<String> rest, RegistryCall call, Object answer) {
        if (!rest.isEmpty()) {
            throw RegistryCall.unknownPath();
        }
        return call.only("GET", () -> answer);
    }

    /** The subject that is the rest of a path; null when there is none. */
    private static @Nullable String subject(List<String> rest) {
        if (rest.size() > 1) {
            throw RegistryCall.unknownPath();
        }
        return rest.isEmpty() ? null : SubjectNames.plain(rest.getFirst());
    }
}
