package io.penstock.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.error.PenstockException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Confluent's REST API, free of any HTTP framework: a method, a path, a query and a body in, a status and JSON out. Errors
 * are in Confluent's shape, {@code {"error_code": 40401, "message": "..."}}.
 */
public final class RegistryApi {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String AVRO = "AVRO";
    private static final String MODE = "READWRITE";
    private static final String LATEST = "latest";

    private final Supplier<EmbeddedRegistry> access;

    /** @param access hands out the registry, or throws a {@link PenstockException} */
    public RegistryApi(Supplier<EmbeddedRegistry> access) {
        this.access = access;
    }

    /** An answer: the HTTP status, and JSON text. */
    public record Answer(int status, String json) {}

    private record Call(
            String method,
            Map<String, String> query,
            @Nullable String body) {
        boolean flag(String name) {
            return Boolean.parseBoolean(query.getOrDefault(name, "false"));
        }
    }

    /**
     * Answers one call; never throws for what the caller sent.
     *
     * @param rawPath the path below the registry's root, still percent-encoded
     * @param rawQuery the query, still percent-encoded; null when there is none
     */
    public Answer handle(String method, String rawPath, @Nullable String rawQuery, @Nullable String body) {
        try {
            List<String> path = Arrays.stream(rawPath.split("/", -1))
                    .filter(segment -> !segment.isEmpty())
                    .map(segment -> decode(segment.replace("+", "%2B")))
                    .toList();
            return new Answer(200, JSON.writeValueAsString(route(path, new Call(method, query(rawQuery), body))));
        } catch (RegistryException e) {
            return error(e.status(), e.errorCode(), e.getMessage());
        } catch (PenstockException e) {
            return error(e.code().status(), e.code().status(), e.detail());
        } catch (IllegalArgumentException e) {
            return error(400, 400, "The path or query is not properly percent-encoded: " + e.getMessage());
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Object route(List<String> path, Call call) {
        if (path.isEmpty()) {
            return only("GET", call, Map::of);
        }
        List<String> rest = path.subList(1, path.size());
        return switch (path.getFirst()) {
            case "subjects" -> subjects(rest, call);
            case "schemas" -> schemas(rest, call);
            case "config" -> config(rest, call);
            case "compatibility" -> compatibility(rest, call);
            case "mode" -> mode(call);
            case "contexts" -> only("GET", call, () -> List.of("."));
            default -> throw unknownPath();
        };
    }

    private Object subjects(List<String> path, Call call) {
        if (path.isEmpty()) {
            return only("GET", call, () -> listSubjects(call));
        }
        String subject = path.getFirst();
        if (path.size() == 1) {
            return switch (call.method()) {
                case "POST" -> lookUp(subject, call);
                case "DELETE" -> numbers(registry().deleteSubject(subject, call.flag("permanent")));
                default -> throw wrongMethod(call);
            };
        }
        if (!path.get(1).equals("versions")) {
            throw unknownPath();
        }
        return switch (path.size()) {
            case 2 ->
                switch (call.method()) {
                    case "GET" -> numbers(existing(subject, call.flag("deleted")));
                    case "POST" -> register(subject, call);
                    default -> throw wrongMethod(call);
                };
            case 3 ->
                switch (call.method()) {
                    case "GET" -> described(version(subject, path.get(2), call.flag("deleted")));
                    case "DELETE" -> delete(subject, path.get(2), call.flag("permanent"));
                    default -> throw wrongMethod(call);
                };
            case 4 ->
                only("GET", call, () -> {
                    SchemaVersion version = version(subject, path.get(2), call.flag("deleted"));
                    return switch (path.get(3)) {
                        case "schema" -> tree(version.schema());
                        case "referencedby" -> List.of();
                        default -> throw unknownPath();
                    };
                });
            default -> throw unknownPath();
        };
    }

    private Object listSubjects(Call call) {
        String prefix = call.query().getOrDefault("subjectPrefix", "");
        TreeSet<String> names = new TreeSet<>();
        for (SchemaVersion version : registry().state().all(call.flag("deleted"))) {
            if (version.subject().startsWith(prefix)) {
                names.add(version.subject());
            }
        }
        return names;
    }

    private Object register(String subject, Call call) {
        SchemaVersion version = registry().registerVersion(subject, schemaOf(call));
        return Map.of("id", version.id());
    }

    private Object lookUp(String subject, Call call) {
        Schema schema = schemaOf(call);
        existing(subject, call.flag("deleted"));
        return described(registry()
                .find(subject, schema, call.flag("deleted"))
                .orElseThrow(() -> new RegistryException(RegistryException.SCHEMA_NOT_FOUND, "Schema not found")));
    }

    private Object delete(String subject, String number, boolean permanently) {
        SchemaVersion version = version(subject, number, permanently);
        registry().deleteVersion(version, permanently);
        return version.version();
    }

    private Object schemas(List<String> path, Call call) {
        return only("GET", call, () -> {
            if (path.isEmpty()) {
                String prefix = call.query().getOrDefault("subjectPrefix", "");
                return registry().state().all(call.flag("deleted")).stream()
                        .filter(version -> version.subject().startsWith(prefix))
                        .map(RegistryApi::described)
                        .toList();
            }
            if (path.equals(List.of("types"))) {
                return List.of(AVRO);
            }
            if (!path.getFirst().equals("ids") || path.size() < 2 || path.size() > 3) {
                throw unknownPath();
            }
            return byId(path.get(1), path.size() == 3 ? path.get(2) : "", call);
        });
    }

    private Object byId(String idText, String part, Call call) {
        int id = parseId(idText);
        String schema = registry()
                .state()
                .schema(id)
                .orElseThrow(
                        () -> new RegistryException(RegistryException.SCHEMA_NOT_FOUND, "Schema " + id + " not found"));
        List<SchemaVersion> uses = registry().state().all(call.flag("deleted")).stream()
                .filter(version -> version.id() == id)
                .toList();
        return switch (part) {
            case "" -> Map.of("schema", schema);
            case "schema" -> tree(schema);
            case "subjects" ->
                uses.stream().map(SchemaVersion::subject).distinct().toList();
            case "versions" ->
                uses.stream()
                        .map(use -> Map.of("subject", use.subject(), "version", use.version()))
                        .toList();
            default -> throw unknownPath();
        };
    }

    private Object config(List<String> path, Call call) {
        if (path.size() > 1) {
            throw unknownPath();
        }
        String subject = path.isEmpty() ? null : path.getFirst();
        return switch (call.method()) {
            case "GET" -> Map.of("compatibilityLevel", level(subject, call.flag("defaultToGlobal")));
            case "PUT" -> {
                JsonNode wanted = json(call).path("compatibility");
                CompatibilityLevel level = CompatibilityLevel.of(wanted.asText());
                registry().setLevel(subject, level);
                yield Map.of("compatibility", level);
            }
            case "DELETE" -> {
                CompatibilityLevel before = level(subject, false);
                registry().setLevel(subject, null);
                yield Map.of("compatibilityLevel", before);
            }
            default -> throw wrongMethod(call);
        };
    }

    private CompatibilityLevel level(@Nullable String subject, boolean defaultToGlobal) {
        RegistryState state = registry().state();
        if (subject == null) {
            return state.globalLevel();
        }
        Optional<CompatibilityLevel> level = state.level(subject);
        if (level.isEmpty() && !defaultToGlobal) {
            throw new RegistryException(
                    RegistryException.CONFIG_NOT_FOUND,
                    "Subject '" + subject + "' does not have subject-level compatibility configured");
        }
        return level.orElseGet(state::globalLevel);
    }

    private Object compatibility(List<String> path, Call call) {
        if (path.size() < 3
                || path.size() > 4
                || !path.get(0).equals("subjects")
                || !path.get(2).equals("versions")) {
            throw unknownPath();
        }
        return only("POST", call, () -> {
            String subject = path.get(1);
            Schema schema = schemaOf(call);
            List<SchemaVersion> versions = registry().state().versions(subject, false);
            if (path.size() == 4 && !(isLatest(path.get(3)) && versions.isEmpty())) {
                versions = List.of(version(subject, path.get(3), false));
            }
            List<String> problems = Compatibility.problems(registry().levelFor(subject), schema, versions);
            Map<String, Object> answer = new HashMap<>();
            answer.put("is_compatible", problems.isEmpty());
            if (call.flag("verbose")) {
                answer.put("messages", problems);
            }
            return answer;
        });
    }

    private static Object mode(Call call) {
        return switch (call.method()) {
            case "GET" -> Map.of("mode", MODE);
            case "PUT", "DELETE" ->
                throw new RegistryException(
                        RegistryException.INVALID_MODE, "The embedded registry is always in mode " + MODE + ".");
            default -> throw wrongMethod(call);
        };
    }

    private Schema schemaOf(Call call) {
        JsonNode body = json(call);
        if (!body.path("schemaType").asText(AVRO).equals(AVRO)) {
            throw new RegistryException(
                    RegistryException.INVALID_SCHEMA,
                    "The embedded registry knows AVRO schemas only, not "
                            + body.path("schemaType").asText() + ".");
        }
        if (!body.path("references").isEmpty()) {
            throw new RegistryException(
                    RegistryException.INVALID_SCHEMA,
                    "The embedded registry does not know references. Send the schema with all its named types in it.");
        }
        if (!body.path("schema").isTextual()) {
            throw new RegistryException(
                    RegistryException.INVALID_SCHEMA, "The body needs a field 'schema' that holds the schema as text.");
        }
        return SchemaText.parse(body.path("schema").asText());
    }

    private static JsonNode json(Call call) {
        try {
            JsonNode body = JSON.readTree(call.body() == null ? "" : call.body());
            if (body.isObject()) {
                return body;
            }
            throw new RegistryException(RegistryException.UNPROCESSABLE, "The body must be a JSON object.");
        } catch (JsonProcessingException e) {
            throw new RegistryException(400, "The body is not JSON: " + e.getOriginalMessage());
        }
    }

    private List<SchemaVersion> existing(String subject, boolean withDeleted) {
        List<SchemaVersion> versions = registry().state().versions(subject, withDeleted);
        if (versions.isEmpty()) {
            throw RegistryException.noSubject(subject);
        }
        return versions;
    }

    private SchemaVersion version(String subject, String number, boolean withDeleted) {
        int wanted = parseVersion(number);
        List<SchemaVersion> versions = existing(subject, withDeleted || wanted > 0);
        if (wanted < 0) {
            return versions.getLast();
        }
        return versions.stream()
                .filter(version -> version.version() == wanted && (withDeleted || !version.deleted()))
                .findFirst()
                .orElseThrow(() -> RegistryException.noVersion(number));
    }

    private static boolean isLatest(String number) {
        return number.equals(LATEST) || number.equals("-1");
    }

    /** The number of a version, or -1 for the latest. */
    private static int parseVersion(String number) {
        if (isLatest(number)) {
            return -1;
        }
        try {
            int version = Integer.parseInt(number);
            if (version > 0) {
                return version;
            }
        } catch (NumberFormatException e) {
            // answered below, as a number that is none of a version
        }
        throw new RegistryException(
                RegistryException.INVALID_VERSION,
                "The specified version '" + number + "' is not a valid version id. Allowed values are between"
                        + " [1, 2^31-1] and the string \"latest\"");
    }

    private static int parseId(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new RegistryException(RegistryException.NOT_FOUND, "'" + text + "' is not the id of a schema.");
        }
    }

    private static ObjectNode described(SchemaVersion version) {
        return JSON.createObjectNode()
                .put("subject", version.subject())
                .put("version", version.version())
                .put("id", version.id())
                .put("schema", version.schema());
    }

    private static List<Integer> numbers(List<SchemaVersion> versions) {
        return versions.stream().map(SchemaVersion::version).toList();
    }

    private static JsonNode tree(String schema) {
        try {
            return JSON.readTree(schema);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Object only(String method, Call call, Supplier<Object> answer) {
        if (!call.method().equals(method)) {
            throw wrongMethod(call);
        }
        return answer.get();
    }

    private static RegistryException wrongMethod(Call call) {
        return new RegistryException(
                RegistryException.METHOD_NOT_ALLOWED, "HTTP 405: " + call.method() + " is not allowed here");
    }

    private static RegistryException unknownPath() {
        return new RegistryException(RegistryException.NOT_FOUND, "HTTP 404 Not Found");
    }

    private EmbeddedRegistry registry() {
        return access.get();
    }

    private static Answer error(int status, int code, @Nullable String message) {
        return new Answer(
                status,
                JSON.createObjectNode()
                        .put("error_code", code)
                        .put("message", message)
                        .toString());
    }

    private static Map<String, String> query(@Nullable String raw) {
        Map<String, String> query = new HashMap<>();
        if (raw != null) {
            for (String pair : raw.split("&", -1)) {
                int equals = pair.indexOf('=');
                if (equals > 0) {
                    query.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
                }
            }
        }
        return query;
    }

    private static String decode(String encoded) {
        return URLDecoder.decode(encoded, StandardCharsets.UTF_8);
    }
}
