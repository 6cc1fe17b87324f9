package io.penstock.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/** Makes wrong calls, and a few right ones, out of an OpenAPI document. What it makes depends on the document and the seed alone. */
final class HttpFuzz {
    private static final Set<String> METHODS = Set.of("get", "put", "post", "delete");
    private static final int MOST_CREATIONS = 5;
    private static final String NUL = "\0";

    private static final List<String> ODD = List.of(
            "",
            " ",
            "a",
            "..",
            "../../../../etc/passwd",
            "..\\..\\windows",
            "%00",
            "%",
            "%zz",
            "%2e%2e%2f",
            "${jndi:ldap://127.0.0.1/a}",
            "{{7*7}}",
            "<script>alert(1)</script>",
            "' OR '1'='1",
            "a;b",
            "a/b//c",
            "a?b#c",
            "a\r\nX-Injected: yes",
            "tab\tand\u0007bell",
            "a" + NUL + "b",
            "\u202Eright to left",
            "\u00e9\u0301\u200d\ufeff",
            "\ud83d\ude00\ud83c\udff3",
            "-1",
            "0",
            "1e400",
            "NaN",
            "Infinity",
            "9223372036854775808",
            "99999999999999999999999999999999999999",
            "-0.0",
            "0x10",
            "true",
            "null",
            "undefined",
            "[]",
            "{}",
            "latest",
            "alert",
            "harbour",
            "notices",
            "harbour-notices",
            "2026-11-21T00:00:00Z",
            "2026-99-99T99:99:99Z",
            "+999999999-12-31T23:59:59Z",
            "-999999999-01-01T00:00:00+18:00",
            "999999999999999");

    private static final List<String> CONTENT_TYPES = List.of(
            "application/json",
            "application/json; charset=utf-8",
            "application/json; charset=iso-8859-1",
            "application/vnd.schemaregistry.v1+json",
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "multipart/form-data",
            "text/xml",
            "application/octet-stream",
            "nonsense",
            "/",
            "*/*",
            "a/b;c");

    private static final List<String> ACCEPTS = List.of(
            "*/*", "application/json", "text/html", "application/xml", "text/event-stream", "nonsense", "a/b;q=2", "");

    private static final List<String> JSON_ODDITIES = List.of(
            "null",
            "true",
            "[]",
            "{}",
            "\"\"",
            "\" \"",
            "-1",
            "0",
            "0.5",
            "1e400",
            "-1e-400",
            "1e999999999",
            "123456789012345678901234567890",
            "\"\\u0000\"",
            "\"\\ud800\"",
            "\"\\ud83d\\ude00\"",
            "\"../../etc/passwd\"",
            "[[[[[[[[[[1]]]]]]]]]]",
            "{\"a\":{\"b\":{\"c\":null}}}",
            "[null]",
            "[1,\"a\",{}]",
            "[\"\"]",
            "\"alert\"");

    private final List<Operation> operations = new ArrayList<>();
    private final String key;
    private final Random random;
    private int creations;
    private int at;

    private record Parameter(String name, String in, boolean required, JsonNode schema) {}

    private record Operation(
            String method, String template, List<Parameter> parameters, List<JsonNode> bodies, String mediaType) {}

    /**
     * A call as it goes over the wire.
     *
     * @param isOpen whether it may be served without the key
     * @param changesCatalog whether its answer may wait for a deletion
     */
    record Call(
            String method,
            String path,
            List<String> headers,
            byte[] body,
            boolean withKey,
            boolean isOpen,
            boolean changesCatalog) {
        byte[] head() {
            return RawHttp.head(method + " " + path + " HTTP/1.1", headers);
        }

        @Override
        public String toString() {
            String text = new String(body, 0, Math.min(body.length, 300), UTF_8);
            String shown = path.length() > 300 ? path.substring(0, 300) + "..." : path;
            return method + " " + shown + " "
                    + headers.stream()
                            .map(header -> header.length() > 80 ? header.substring(0, 80) + "..." : header)
                            .limit(8)
                            .toList()
                    + " " + text;
        }
    }

    HttpFuzz(JsonNode document, String key, Random random) {
        this.key = key;
        this.random = random;
        document.get("paths")
                .properties()
                .forEach(path -> path.getValue().properties().stream()
                        .filter(operation -> METHODS.contains(operation.getKey()))
                        .forEach(operation -> operations.add(operation(
                                document, path.getKey(), path.getValue(), operation.getKey(), operation.getValue()))));
    }

    private static Operation operation(
            JsonNode document, String template, JsonNode path, String method, JsonNode operation) {
        List<Parameter> parameters = new ArrayList<>();
        for (JsonNode list : List.of(path.path("parameters"), operation.path("parameters"))) {
            for (JsonNode named : list) {
                JsonNode parameter = named.has("$ref")
                        ? document.at(named.get("$ref").textValue().substring(1))
                        : named;
                parameters.add(new Parameter(
                        parameter.get("name").textValue(),
                        parameter.get("in").textValue(),
                        parameter.path("required").booleanValue(),
                        parameter.path("schema")));
            }
        }
        List<JsonNode> bodies = new ArrayList<>();
        String mediaType = "";
        for (var content : operation.at("/requestBody/content").properties()) {
            mediaType = content.getKey();
            content.getValue().path("examples").forEach(example -> bodies.add(example.get("value")));
        }
        return new Operation(method.toUpperCase(Locale.ROOT), template, parameters, bodies, mediaType);
    }

    List<Call> everyOperationWithoutTheKey() {
        List<Call> calls = new ArrayList<>();
        for (Operation operation : operations) {
            String path = plainPath(operation);
            byte[] body = operation.bodies().isEmpty()
                    ? new byte[0]
                    : operation.bodies().getFirst().toString().getBytes(UTF_8);
            for (List<String> wrong : List.of(
                    List.<String>of(),
                    List.of("X-API-Key: wrong"),
                    List.of("X-API-Key:"),
                    List.of("Authorization: Bearer wrong"),
                    List.of("Authorization: Basic !!!"),
                    List.of("Authorization: Digest " + key),
                    List.of("Cookie: X-API-Key=" + key))) {
                calls.add(call(operation.method(), path, wrong, body, false));
            }
        }
        return calls;
    }

    List<Call> everyOperationWithAnotherMethod() {
        List<String> others = List.of("PATCH", "OPTIONS", "TRACE", "PROPFIND", "get", "HEAD");
        List<Call> calls = new ArrayList<>();
        for (Operation operation : operations) {
            String method = others.get(calls.size() / 2 % others.size());
            calls.add(call(method, plainPath(operation), List.of(keyHeader()), new byte[0], true));
            calls.add(call(method, plainPath(operation), List.of(), new byte[0], false));
        }
        return calls;
    }

    /** From what is open to what is not. */
    List<Call> pathsThatClimb() {
        List<Call> calls = new ArrayList<>();
        for (String path : List.of(
                "/q/health/../../api/catalog",
                "/q/health/..%2f..%2fapi/catalog",
                "/q/health/%2e%2e/%2e%2e/api/catalog",
                "/q/health/..;/..;/api/catalog",
                "/registry/../api/catalog",
                "/registry/%2e%2e/api/catalog",
                "/registry//../api/catalog",
                "//api/catalog",
                "/./api/catalog",
                "/api//catalog",
                "/api/catalog/",
                "/api/catalog;x=1",
                "/api/catalog%3Bx",
                "/api/%63atalog",
                "/%61pi/catalog",
                "/API/catalog",
                "/q/openapi/../../api/stores",
                "/q/metrics/%2e./%2e./api/stores",
                "http://127.0.0.1/api/catalog",
                "/q/dev-ui",
                "/q/info",
                "/q/arc",
                "/internal",
                "/internal/stores",
                "/v1/models")) {
            calls.add(call("GET", path, List.of(), new byte[0], false));
            calls.add(call("GET", path, List.of(keyHeader()), new byte[0], true));
        }
        calls.add(call("POST", "/api/topic/../catalog", List.of(), new byte[0], false));
        calls.add(call("POST", "/api/topic/", List.of(), "{}".getBytes(UTF_8), false));
        return calls;
    }

    Call next() {
        Operation operation = operations.get(at++ % operations.size());
        String path = path(operation) + query(operation);
        byte[] body = body(operation);
        List<String> headers = new ArrayList<>();
        boolean withKey = random.nextInt(10) > 0;
        if (withKey) {
            headers.add(keyHeader());
        } else if (random.nextBoolean()) {
            headers.add("X-API-Key: " + headerText(odd()));
        }
        if (body.length > 0 && random.nextInt(8) > 0) {
            headers.add("Content-Type: " + (random.nextInt(4) > 0 ? operation.mediaType() : pick(CONTENT_TYPES)));
        }
        if (random.nextInt(3) == 0) {
            headers.add("Accept: " + pick(ACCEPTS));
        }
        for (Parameter parameter : operation.parameters()) {
            if (parameter.in().equals("header") && random.nextBoolean()) {
                headers.add(parameter.name() + ": " + headerText(odd()));
            }
        }
        switch (random.nextInt(40)) {
            case 0 -> headers.add("X-Long: " + "x".repeat(20_000));
            case 1 -> {
                for (int i = 0; i < 200; i++) {
                    headers.add("X-Many-" + i + ": 1");
                }
            }
            case 2 -> headers.add("Content-Encoding: gzip");
            case 3 -> headers.add("Expect: 100-continue");
            case 4 -> headers.add("X-HTTP-Method-Override: DELETE");
            case 5 -> headers.add("X-Forwarded-Prefix: /q/health");
            case 6 -> headers.add("Transfer-Encoding: nonsense");
            case 7 -> headers.add("Content-Length: 0");
            case 8 -> headers.add("Upgrade: h2c");
            case 9 -> headers.add("Range: bytes=0-1");
            default -> {
                // as it is
            }
        }
        return call(operation.method(), path, headers, body, withKey);
    }

    private Call call(String method, String path, List<String> headers, byte[] body, boolean withKey) {
        List<String> all = new ArrayList<>(headers);
        if (body.length > 0 && all.stream().noneMatch(header -> header.startsWith("Content-Length"))) {
            all.add("Content-Length: " + body.length);
        }
        all.add("Connection: close");
        boolean changes = path.startsWith("/api/topic") || path.startsWith("/api/segment");
        return new Call(method, path, all, body, withKey, isOpen(method, path), changes);
    }

    private String keyHeader() {
        return switch (random.nextInt(3)) {
            case 0 -> "Authorization: Bearer " + key;
            case 1 -> "Authorization: Basic " + Base64.getEncoder().encodeToString(("any:" + key).getBytes(UTF_8));
            default -> "X-API-Key: " + key;
        };
    }

    /** What the security page calls open, told without asking the server. */
    private static boolean isOpen(String method, String target) {
        if (!method.equals("GET") && !method.equals("HEAD")) {
            return false;
        }
        String path = target.replaceFirst("^http://[^/]*", "").replaceFirst("[?#].*", "");
        path = path.replaceAll("(?i)%2e", ".").replaceAll("/+", "/");
        List<String> segments = new ArrayList<>();
        for (String segment : path.split("/", -1)) {
            if (segment.equals("..")) {
                if (!segments.isEmpty()) {
                    segments.removeLast();
                }
            } else if (!segment.equals(".") && !segment.isEmpty()) {
                segments.add(segment);
            }
        }
        String normal = "/" + String.join("/", segments);
        return normal.equals("/")
                || normal.startsWith("/q/health")
                || normal.equals("/q/metrics")
                || normal.equals("/q/openapi")
                || normal.equals("/registry")
                || normal.startsWith("/registry/");
    }

    private static String plainPath(Operation operation) {
        return operation.template().replaceAll("\\{[^}]*}", "1");
    }

    private String path(Operation operation) {
        StringBuilder path = new StringBuilder();
        for (String part : operation.template().split("(?=\\{)|(?<=})", -1)) {
            path.append(part.startsWith("{") ? pathText() : part);
        }
        if (random.nextInt(60) == 0) {
            path.append("/".repeat(random.nextInt(3)) + escape("x".repeat(random.nextInt(12_000))));
        }
        return path.toString();
    }

    private String pathText() {
        return switch (random.nextInt(8)) {
            case 0 ->
                List.of("%00", "%zz", "%", "%2e%2e%2f%2e%2e", "%c0%af", "%ff", "\u00fc", "a%0d%0ab", "..", ".", "%2F")
                        .get(random.nextInt(11));
            case 1 -> "a".repeat(1 + random.nextInt(3_000));
            case 2 -> "harbour";
            default -> escape(odd().isEmpty() ? "x" : odd());
        };
    }

    private String query(Operation operation) {
        List<String> pairs = new ArrayList<>();
        for (Parameter parameter : operation.parameters()) {
            if (!parameter.in().equals("query") || random.nextInt(parameter.required() ? 6 : 2) == 0) {
                continue;
            }
            // A wait that is within its range would be a wait.
            String value = parameter.name().equals("wait")
                    ? pick(List.of("0", "1", "-1", "301", "x", "1e3", ""))
                    : random.nextInt(3) == 0 ? example(parameter) : odd();
            pairs.add(parameter.name() + (random.nextInt(20) == 0 ? "" : "=" + queryText(value)));
            if (random.nextInt(20) == 0) {
                pairs.add(parameter.name() + "=again");
            }
        }
        if (random.nextInt(10) == 0) {
            pairs.add(queryText(odd()) + "=" + queryText(odd()));
        }
        return pairs.isEmpty() ? "" : "?" + String.join("&", pairs);
    }

    private String example(Parameter parameter) {
        return switch (parameter.schema().path("type").asText()) {
            case "integer" -> Integer.toString(1 + random.nextInt(200));
            case "boolean" -> Boolean.toString(random.nextBoolean());
            default ->
                parameter.schema().has("enum")
                        ? parameter.schema().get("enum").get(0).asText()
                        : "harbour";
        };
    }

    private String queryText(String value) {
        return random.nextInt(12) == 0
                ? pick(List.of("%", "%zz", "%00", "%ff%fe", "a+b", "\u00e9", "a=b", "%26"))
                : escape(value);
    }

    private byte[] body(Operation operation) {
        if (operation.bodies().isEmpty()) {
            return random.nextInt(10) == 0 ? "{\"a\":1}".getBytes(UTF_8) : new byte[0];
        }
        JsonNode example = pick(operation.bodies()).deepCopy();
        boolean topic = operation.template().equals("/api/topic");
        return switch (random.nextInt(10)) {
            case 0 -> {
                byte[] whole = example.toString().getBytes(UTF_8);
                yield Arrays.copyOf(whole, random.nextInt(whole.length + 1));
            }
            case 1 -> {
                byte[] noise = new byte[random.nextInt(200)];
                random.nextBytes(noise);
                yield noise;
            }
            case 2 -> pick(JSON_ODDITIES).getBytes(UTF_8);
            case 3 -> ("[".repeat(5_000) + "]".repeat(5_000)).getBytes(UTF_8);
            case 4 -> {
                byte[] bytes = example.toString().getBytes(UTF_8);
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
                yield bytes;
            }
            case 5 -> example.toString().getBytes(random.nextBoolean() ? StandardCharsets.UTF_16 : UTF_8);
            // Whole topics come and go slowly; a few are enough.
            case 6 ->
                topic && creations++ >= MOST_CREATIONS
                        ? new byte[0]
                        : example.toString().getBytes(UTF_8);
            default -> mutated(example, topic).getBytes(UTF_8);
        };
    }

    private String mutated(JsonNode example, boolean topic) {
        String text = mutate(example).toString();
        // Placed as text, since some of it no JSON library would write.
        text = text.replace("\"@odd@\"", pick(JSON_ODDITIES))
                .replace("\"@long@\"", "\"" + "\u00e4b ".repeat(30_000) + "\"");
        if (random.nextInt(15) == 0) {
            text = text.replaceFirst("\\{", "{\"topic\":\"harbour\",\"topic\":\"other\",");
        }
        return topic && text.contains("\"create\"") && creations++ >= MOST_CREATIONS
                ? text.replace("\"create\"", "\"make\"")
                : text;
    }

    private JsonNode mutate(JsonNode node) {
        if (node instanceof ArrayNode array && !array.isEmpty()) {
            array.set(random.nextInt(array.size()), mutate(array.get(random.nextInt(array.size()))));
            return array;
        }
        if (!(node instanceof ObjectNode object) || object.isEmpty()) {
            return oddJson();
        }
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        String name = pick(names);
        switch (random.nextInt(5)) {
            case 0 -> object.remove(name);
            case 1 -> object.set(odd(), oddJson());
            case 2 -> object.set(name, mutate(object.get(name)));
            default -> object.set(name, oddJson());
        }
        return object;
    }

    private JsonNode oddJson() {
        return switch (random.nextInt(6)) {
            case 0, 1 -> JsonNodeFactory.instance.textNode("@odd@");
            case 2 -> JsonNodeFactory.instance.textNode("@long@");
            case 3 -> JsonNodeFactory.instance.numberNode(random.nextLong());
            default -> JsonNodeFactory.instance.textNode(odd());
        };
    }

    private String odd() {
        return switch (random.nextInt(12)) {
            case 0 -> "x".repeat(random.nextInt(4_000));
            case 1 ->
                random.ints(1 + random.nextInt(20), 1, 0xD7FF)
                        .mapToObj(Character::toString)
                        .collect(Collectors.joining());
            default -> pick(ODD);
        };
    }

    private static String headerText(String text) {
        return text.replaceAll("[\\r\\n]", " ").replace(NUL, "");
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }

    private static String escape(String text) {
        StringBuilder escaped = new StringBuilder();
        for (byte b : text.getBytes(UTF_8)) {
            char c = (char) (b & 0xff);
            if (c < 128 && (Character.isLetterOrDigit(c) || "-._~".indexOf(c) >= 0)) {
                escaped.append(c);
            } else {
                escaped.append(String.format("%%%02X", (int) c));
            }
        }
        return escaped.toString();
    }
}
