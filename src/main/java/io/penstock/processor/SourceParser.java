package io.penstock.processor;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schema.SourceConfig;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes the source of a processor from JSON, and says what is wrong with it before anything is captured. */
final class SourceParser {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{(value|label)}");
    private static final Pattern SECRET = Pattern.compile("\\$\\{([^}]*)}");
    private static final Pattern SECRET_NAME = Pattern.compile("[A-Z][A-Z0-9_]*|value|label");
    private static final Pattern HEADER_NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final Set<String> HEADERS_OF_THE_CLIENT = Set.of(
            "connection",
            "content-length",
            "expect",
            "host",
            "if-modified-since",
            "if-none-match",
            "range",
            "transfer-encoding",
            "upgrade");

    private static final Map<String, List<String>> FIELDS = Map.of(
            "file", List.of("type", "uri", "content_type", "records"),
            "http", List.of("type", "uri", "method", "query", "headers", "body", "content_type", "records", "pages"),
            "feed", List.of("type", "uri", "query", "headers"),
            "inline", List.of("type", "content_type"));

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
        SourceFields fields = new SourceFields(node, "source", problems);
        String type = fields.text("type");
        List<String> known = FIELDS.get(type == null ? "" : type);
        if (type == null || known == null) {
            fields.invalid("type", "There is no source of type '" + type + "'; known are file, http, feed and inline.");
            return SourceConfig.newBuilder().setType("").build();
        }
        fields.allowOnly(known, "a source of the type " + type);
        String method = fields.text("method");
        SourceConfig source = SourceConfig.newBuilder()
                .setType(type)
                .setUri(fields.text("uri"))
                .setMethod(method == null ? "GET" : method.toUpperCase(Locale.ROOT))
                .setHeaders(headers(fields))
                .setQuery(query(fields))
                .setBody(body(fields.node("body")))
                .setContentType(fields.text("content_type"))
                .setRecords(new RecordsParser(problems).records(fields.node("records")))
                .setPages(new RecordsParser(problems).pages(fields.node("pages"), fields.node("records") != null))
                .build();
        if (!type.equals("inline")) {
            requireUri(fields, source.getUri());
        }
        if (type.equals("http") || type.equals("feed")) {
            checkHttp(fields, source);
        }
        return source;
    }

    private static void requireUri(SourceFields fields, @Nullable String uri) {
        if (uri == null || uri.isBlank()) {
            fields.invalid("uri", "This source needs a uri; {value} and {label} in it are filled from the data list.");
        }
    }

    private static void checkHttp(SourceFields fields, SourceConfig source) {
        if (!source.getMethod().equals("GET") && !source.getMethod().equals("POST")) {
            fields.invalid("method", "The method is GET or POST, not '" + source.getMethod() + "'.");
        }
        String body = source.getBody();
        if (body != null && source.getMethod().equals("GET")) {
            fields.invalid("body", "A GET has no body; say \"method\": \"POST\", or leave the body out.");
        }
        String uri = source.getUri();
        if (uri == null || uri.isBlank()) {
            return;
        }
        if (SECRET.matcher(uri).find()) {
            fields.invalid(
                    "uri",
                    "A secret may stand in headers, query and body, but not in the uri, which is shown to everybody.");
            return;
        }
        try {
            URI filled = new URI(PLACEHOLDER.matcher(uri).replaceAll("x"));
            String scheme = filled.getScheme();
            if (scheme == null || !(scheme.equalsIgnoreCase("http") || scheme.equalsIgnoreCase("https"))) {
                fields.invalid(
                        "uri",
                        "The uri of a source of the type " + source.getType() + " begins with http:// or https://.");
            } else if (filled.getHost() == null || filled.getUserInfo() != null) {
                fields.invalid("uri", "The uri needs a host and may not hold a user or password.");
            }
        } catch (URISyntaxException e) {
            fields.invalid(
                    "uri",
                    "This is not a URI: " + e.getReason() + " at character " + e.getIndex()
                            + ". Placeholders are {value} and {label}.");
        }
    }

    private static Map<String, String> headers(SourceFields fields) {
        Map<String, String> headers = new TreeMap<>();
        Map<String, String> spellings = new HashMap<>();
        fields.texts("headers", "{\"Accept\": \"text/html\"}").forEach((name, value) -> {
            String field = "headers." + name;
            String lower = name.toLowerCase(Locale.ROOT);
            if (!HEADER_NAME.matcher(name).matches()) {
                fields.invalid(field, "This is not the name of an HTTP header.");
            } else if (HEADERS_OF_THE_CLIENT.contains(lower)) {
                fields.invalid(field, "This header is set by the HTTP client and cannot be configured.");
            } else if (value.chars().anyMatch(Character::isISOControl)) {
                fields.invalid(field, "The value of a header is text without line breaks.");
            } else if (spellings.putIfAbsent(lower, name) != null) {
                fields.invalid(field, "This is the same header as " + spellings.get(lower) + ".");
            } else {
                checkSecrets(fields, field, value);
                headers.put(name, value);
            }
        });
        return headers;
    }

    private static Map<String, String> query(SourceFields fields) {
        Map<String, String> query = fields.texts("query", "{\"q\": \"{value}\"}");
        query.forEach((name, value) -> {
            if (name.isBlank()) {
                fields.invalid("query." + name, "A query parameter needs a name.");
            }
            checkSecrets(fields, "query." + name, value);
        });
        return query;
    }

    private static void checkSecrets(SourceFields fields, String field, String value) {
        Matcher secret = SECRET.matcher(value);
        while (secret.find()) {
            if (!SECRET_NAME.matcher(secret.group(1)).matches()) {
                fields.invalid(
                        field,
                        "'" + secret.group(1) + "' is not the name of an environment variable: upper-case letters, "
                                + "digits and '_', as in ${PENSTOCK_SECRET_TOKEN}.");
            }
        }
    }

    /** The body as text; JSON that is written as JSON is sent as JSON. */
    private static @Nullable String body(@Nullable JsonNode node) {
        if (node == null) {
            return null;
        }
        return node.isTextual() ? node.textValue() : node.toString();
    }
}
