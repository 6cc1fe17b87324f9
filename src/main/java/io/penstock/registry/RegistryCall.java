package io.penstock.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One call of the REST API, and what its parts say.
 *
 * @param path the decoded segments below the registry's root
 * @param query the decoded parameters, each with its values in order
 * @param body null when there is none
 */
record RegistryCall(
        String method,
        List<String> path,
        Map<String, List<String>> query,
        @Nullable String body) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Takes a request apart.
     *
     * @throws RegistryException {@link RegistryException#BAD_REQUEST} when path or query are not percent-encoded properly
     */
    static RegistryCall of(String method, String rawPath, @Nullable String rawQuery, @Nullable String body) {
        try {
            List<String> path = Arrays.stream(rawPath.split("/", -1))
                    .filter(segment -> !segment.isEmpty())
                    .map(segment -> decode(segment.replace("+", "%2B")))
                    .toList();
            return new RegistryCall(method, path, query(rawQuery), body);
        } catch (IllegalArgumentException e) {
            throw new RegistryException(
                    RegistryException.BAD_REQUEST,
                    "The path or query is not properly percent-encoded: " + e.getMessage());
        }
    }

    /** What only this method is answered with here. */
    Object only(String allowed, Supplier<Object> answer) {
        if (!method.equals(allowed)) {
            throw wrongMethod();
        }
        return answer.get();
    }

    RegistryException wrongMethod() {
        return new RegistryException(
                RegistryException.METHOD_NOT_ALLOWED, "HTTP 405: " + method + " is not allowed here");
    }

    static RegistryException unknownPath() {
        return new RegistryException(RegistryException.NOT_FOUND, "HTTP 404 Not Found");
    }

    String text(String name, String otherwise) {
        List<String> values = query.getOrDefault(name, List.of());
        return values.isEmpty() ? otherwise : values.getFirst();
    }

    List<String> texts(String name) {
        return query.getOrDefault(name, List.of());
    }

    boolean flag(String name) {
        return Boolean.parseBoolean(text(name, "false"));
    }

    /** Which versions {@code deleted} and {@code deletedOnly} ask for. */
    VersionFilter filter() {
        if (flag("deletedOnly")) {
            return VersionFilter.DELETED;
        }
        return flag("deleted") ? VersionFilter.ALL : VersionFilter.LIVE;
    }

    /** The part of a list that {@code offset} and {@code limit} ask for; a limit below 1 is none. */
    <T> List<T> page(Stream<T> all) {
        int limit = number("limit", -1);
        Stream<T> rest = all.skip(Math.max(0, number("offset", 0)));
        return limit < 1 ? rest.toList() : rest.limit(limit).toList();
    }

    private int number(String name, int otherwise) {
        String text = text(name, "");
        if (text.isEmpty()) {
            return otherwise;
        }
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new RegistryException(
                    RegistryException.UNPROCESSABLE,
                    "The parameter " + name + " is not a number: " + RegistryException.shortened(text));
        }
    }

    /** The body, which must be a JSON object. */
    ObjectNode json() {
        try {
            JsonNode parsed = JSON.readTree(body == null ? "" : body);
            if (parsed instanceof ObjectNode object) {
                JSON.writeValueAsBytes(object); // half of a surrogate pair can be read, but never written
                return object;
            }
            throw new RegistryException(RegistryException.UNPROCESSABLE, "The body must be a JSON object.");
        } catch (JsonProcessingException e) {
            throw new RegistryException(
                    RegistryException.BAD_REQUEST,
                    "The body is not JSON: " + RegistryException.shortened(e.getOriginalMessage()));
        }
    }

    /** The schema in the body. */
    SchemaRequest schema() {
        ObjectNode request = json();
        JsonNode type = request.path("schemaType");
        if (!type.isMissingNode() && !type.isNull() && !type.asText().equals(SchemaContent.AVRO)) {
            throw RegistryException.invalidSchema("The embedded registry knows AVRO schemas only, not "
                    + RegistryException.shortened(type.asText()) + ".");
        }
        if (!request.path("schema").isTextual()) {
            throw RegistryException.invalidSchema("The body needs a field 'schema' that holds the schema as text.");
        }
        return new SchemaRequest(
                new SchemaContent(
                        SchemaContent.AVRO,
                        request.get("schema").asText(),
                        references(request.path("references")),
                        objectOrNull(request, "metadata"),
                        objectOrNull(request, "ruleSet")),
                numberOrNone(request, "id"),
                numberOrNone(request, "version"));
    }

    private static List<SchemaReference> references(JsonNode array) {
        if (array.isMissingNode() || array.isNull()) {
            return List.of();
        }
        List<SchemaReference> references = new ArrayList<>();
        for (JsonNode each : array) {
            JsonNode version = each.path("version");
            if (!each.path("name").isTextual() || !each.path("subject").isTextual() || !version.canConvertToInt()) {
                throw RegistryException.invalidSchema(
                        "Each of the references needs a name, a subject and the number of a version.");
            }
            references.add(new SchemaReference(
                    each.get("name").asText(),
                    SubjectNames.plain(each.get("subject").asText()),
                    version.asInt()));
        }
        if (!array.isArray()) {
            throw RegistryException.invalidSchema("The field 'references' must be an array.");
        }
        return List.copyOf(references);
    }

    private static @Nullable JsonNode objectOrNull(ObjectNode request, String field) {
        JsonNode node = request.path(field);
        if (node.isMissingNode() || node.isNull()) {
            return null;
        }
        if (!node.isObject()) {
            throw new RegistryException(
                    RegistryException.UNPROCESSABLE, "The field '" + field + "' must be a JSON object.");
        }
        return node;
    }

    private static int numberOrNone(ObjectNode request, String field) {
        JsonNode node = request.path(field);
        if (node.isMissingNode() || node.isNull()) {
            return SchemaRequest.NONE;
        }
        if (!node.canConvertToInt()) {
            throw new RegistryException(
                    RegistryException.UNPROCESSABLE, "The field '" + field + "' must be a whole number.");
        }
        return Math.max(SchemaRequest.NONE, node.asInt());
    }

    private static Map<String, List<String>> query(@Nullable String raw) {
        Map<String, List<String>> query = new HashMap<>();
        if (raw != null) {
            for (String pair : raw.split("&", -1)) {
                int equals = pair.indexOf('=');
                if (equals > 0) {
                    query.computeIfAbsent(decode(pair.substring(0, equals)), name -> new ArrayList<>())
                            .add(decode(pair.substring(equals + 1)));
                }
            }
        }
        return query;
    }

    private static String decode(String encoded) {
        return URLDecoder.decode(encoded, StandardCharsets.UTF_8);
    }
}
