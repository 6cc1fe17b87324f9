package io.penstock.capture;

import io.penstock.schema.DataEntry;
import io.penstock.schema.SourceConfig;
import io.penstock.stage.CallException;
import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes the request from the templates of a source, each value made harmless for the place it goes to. */
final class HttpRequests {
    /** A token of RFC 9110, section 5.6.2. */
    private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    /** What frames the request, or says where it goes. */
    private static final Set<String> OF_THE_CLIENT = Set.of(
            "connection",
            "content-length",
            "expect",
            "host",
            "keep-alive",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    private HttpRequests() {}

    /**
     * @param headers names in any case
     * @param body null when there is none
     */
    record Outgoing(
            URI uri,
            String method,
            Map<String, String> headers,
            @Nullable String body) {

        Outgoing to(URI other) {
            return new Outgoing(other, method, headers, body);
        }

        /** What makes two requests the same one, without the values of secrets. */
        String identity(SecretsInUse secrets) {
            StringBuilder text = new StringBuilder();
            text.append(method).append('\n').append(uri).append('\n');
            headers.forEach((name, value) -> text.append(name.toLowerCase(Locale.ROOT))
                    .append(':')
                    .append(value)
                    .append('\n'));
            return ItemKeys.sha256(secrets.masked(
                    text.append('\n').append(body == null ? "" : body).toString()));
        }
    }

    static Outgoing of(CaptureRequest request, SecretsInUse secrets) throws CallException {
        SourceConfig source = request.source();
        DataEntry entry = request.entry();
        String method = source.getMethod().toUpperCase(Locale.ROOT);
        if (!method.equals("GET") && !method.equals("POST")) {
            throw Failures.refused("The method of an http source is GET or POST, not '" + method + "'.");
        }
        String template = source.getUri();
        if (template == null || template.isBlank()) {
            throw Failures.refused(
                    "The source of processor " + request.processor() + " names no address; give it a uri.");
        }
        URI uri = Uris.parse(Template.fill(template, entry, Template::urlEncoded));
        for (Map.Entry<String, String> parameter : new TreeMap<>(source.getQuery()).entrySet()) {
            String value = Template.fill(parameter.getValue(), entry, UnaryOperator.identity(), secrets);
            uri = Uris.withParameter(uri, parameter.getKey(), value);
        }
        Map<String, String> headers = headers(source, entry, secrets);
        String body = source.getBody();
        if (body != null) {
            headers.computeIfAbsent("Content-Type", _ -> defaultType(body));
        }
        return new Outgoing(
                uri, method, headers, body == null ? null : body(body, entry, headers.get("Content-Type"), secrets));
    }

    private static Map<String, String> headers(SourceConfig source, DataEntry entry, SecretsInUse secrets)
            throws CallException {
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (Map.Entry<String, String> header : source.getHeaders().entrySet()) {
            String name = header.getKey();
            if (!NAME.matcher(name).matches()) {
                throw Failures.refused("There can be no header '" + name + "'.");
            }
            if (OF_THE_CLIENT.contains(name.toLowerCase(Locale.ROOT))) {
                throw Failures.refused("The header " + name + " is made by Penstock and cannot be set.");
            }
            String value = Template.fill(header.getValue(), entry, UnaryOperator.identity(), secrets);
            if (value.chars().anyMatch(Character::isISOControl)) {
                throw Failures.refused("The header " + name + " would hold a line break.");
            }
            if (value.chars().anyMatch(c -> c > 0x7e)) {
                throw Failures.refused("The header " + name + " would hold more than ASCII.");
            }
            headers.put(name, value);
        }
        return headers;
    }

    private static String defaultType(String body) {
        String start = body.stripLeading();
        return start.startsWith("{") || start.startsWith("[") ? ContentTypes.JSON : ContentTypes.TEXT;
    }

    private static String body(String template, DataEntry entry, @Nullable String contentType, SecretsInUse secrets)
            throws CallException {
        String type = contentType == null ? "" : contentType.toLowerCase(Locale.ROOT);
        if (type.contains("json")) {
            try {
                return Template.fillJson(template, entry, secrets);
            } catch (IllegalArgumentException e) {
                throw Failures.refused("The body cannot be made: " + e.getMessage() + ".");
            }
        }
        if (type.contains("x-www-form-urlencoded")) {
            return Template.fill(template, entry, Template::urlEncoded, secrets);
        }
        if (type.startsWith("multipart/") && (hasLineBreak(entry.getValue()) || hasLineBreak(entry.getLabel()))) {
            throw Failures.refused("The entry '" + entry.getLabel()
                    + "' holds a line break, which could begin another part of the body.");
        }
        return Template.fill(
                template,
                entry,
                type.contains("xml") || type.contains("html") ? Template::xmlEscaped : UnaryOperator.identity(),
                secrets);
    }

    private static boolean hasLineBreak(String value) {
        return value.indexOf('\r') >= 0 || value.indexOf('\n') >= 0;
    }
}
