package io.penstock.processor;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schema.SourceConfig;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes the source of a processor from JSON, and says what is wrong with it before anything is captured. */
final class SourceParser {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{(value|label)}");
    private static final Pattern HEADER_NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final Set<String> HEADERS_OF_THE_CLIENT =
            Set.of("connection", "content-length", "expect", "host", "transfer-encoding", "upgrade");

    private final Problems problems;

    SourceParser(Problems problems) {
        this.problems = problems;
    }

    @Nullable
    SourceConfig parse(JsonNode node) {
        if (!node.isObject()) {
            problems.invalid(
                    "source", "The source is an object, such as {\"type\": \"file\", \"uri\": \"texts/{value}.txt\"}.");
            return null;
        }
        String type = text(node, "type");
        String uri = text(node, "uri");
        String method = text(node, "method");
        SourceConfig source = SourceConfig.newBuilder()
                .setType(type == null ? "" : type)
                .setUri(uri)
                .setMethod(method == null ? "GET" : method.toUpperCase(Locale.ROOT))
                .setHeaders(headers(node.get("headers")))
                .setBody(body(node.get("body")))
                .setContentType(text(node, "content_type"))
                .build();
        switch (source.getType()) {
            case "file" -> requireUri(uri);
            case "http" -> {
                requireUri(uri);
                checkHttp(source);
            }
            case "inline" -> {}
            default ->
                problems.invalid(
                        "source.type",
                        "There is no source of type '" + source.getType() + "'; known are file, http and inline.");
        }
        return source;
    }

    private void requireUri(@Nullable String uri) {
        if (uri == null || uri.isBlank()) {
            problems.invalid(
                    "source.uri", "This source needs a uri; {value} and {label} in it are filled from the data list.");
        }
    }

    private void checkHttp(SourceConfig source) {
        if (!source.getMethod().equals("GET") && !source.getMethod().equals("POST")) {
            problems.invalid("source.method", "The method is GET or POST, not '" + source.getMethod() + "'.");
        }
        String uri = source.getUri();
        if (uri == null || uri.isBlank()) {
            return;
        }
        try {
            URI filled = new URI(PLACEHOLDER.matcher(uri).replaceAll("x"));
            String scheme = filled.getScheme();
            if (scheme == null || !(scheme.equalsIgnoreCase("http") || scheme.equalsIgnoreCase("https"))) {
                problems.invalid("source.uri", "The uri of an http source begins with http:// or https://.");
            } else if (filled.getHost() == null || filled.getUserInfo() != null) {
                problems.invalid("source.uri", "The uri needs a host and may not hold a user or password.");
            }
        } catch (URISyntaxException e) {
            problems.invalid(
                    "source.uri",
                    "This is not a URI: " + e.getReason() + " at character " + e.getIndex()
                            + ". Placeholders are {value} and {label}.");
        }
    }

    private Map<String, String> headers(@Nullable JsonNode node) {
        Map<String, String> headers = new TreeMap<>();
        if (node == null || node.isNull()) {
            return headers;
        }
        if (!node.isObject()) {
            problems.invalid("source.headers", "Headers are an object: {\"Accept\": \"text/html\"}.");
            return headers;
        }
        for (Map.Entry<String, JsonNode> header : node.properties()) {
            String name = header.getKey();
            String field = "source.headers." + name;
            if (!HEADER_NAME.matcher(name).matches()) {
                problems.invalid(field, "This is not the name of an HTTP header.");
            } else if (HEADERS_OF_THE_CLIENT.contains(name.toLowerCase(Locale.ROOT))) {
                problems.invalid(field, "This header is set by the HTTP client and cannot be configured.");
            } else if (!header.getValue().isValueNode()
                    || header.getValue().asText().chars().anyMatch(Character::isISOControl)) {
                problems.invalid(field, "The value of a header is text without line breaks.");
            } else {
                headers.put(name, header.getValue().asText());
            }
        }
        return headers;
    }

    /** The body as text; JSON that is written as JSON is sent as JSON. */
    private static @Nullable String body(@Nullable JsonNode node) {
        if (node == null || node.isNull()) {
            return null;
        }
        return node.isTextual() ? node.textValue() : node.toString();
    }

    private @Nullable String text(JsonNode node, String name) {
        JsonNode value = node.get(name);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isTextual()) {
            problems.invalid("source." + name, "This is text.");
            return null;
        }
        return value.textValue();
    }
}
