package io.penstock.capture;

import io.penstock.stage.CallException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Addresses: made from text with care, and shown without what may be secret. */
final class Uris {
    private static final Pattern SECRET =
            Pattern.compile("key|token|secret|passw|pwd|^sig|auth|credential|session", Pattern.CASE_INSENSITIVE);

    private Uris() {}

    /** @throws CallException {@code capture.refused} when it is no address, or its path climbs */
    static URI parse(String text) throws CallException {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw Failures.refused(
                    "The address is not a URI: " + e.getReason() + " at character " + e.getIndex() + ".");
        }
        String path = uri.getRawPath() == null
                ? ""
                : uri.getRawPath().toLowerCase(Locale.ROOT).replace("%2e", ".");
        for (String segment : path.split("/", -1)) {
            if (segment.equals("..") || segment.equals(".")) {
                throw Failures.refused("The path of " + shown(uri) + " holds '" + segment + "'.");
            }
        }
        return uri;
    }

    /**
     * The address that a reference in a response means (RFC 3986, section 5.2). The JDK drops the last part of the path when the
     * reference is but a query.
     *
     * @throws IllegalArgumentException when it is no reference
     */
    static URI resolved(URI base, String reference) {
        String trimmed = reference.strip();
        if (!trimmed.isEmpty() && !trimmed.startsWith("?")) {
            return base.resolve(trimmed);
        }
        String whole = base.toString();
        int end = whole.indexOf('#') < 0 ? whole.length() : whole.indexOf('#');
        int question = whole.indexOf('?');
        int path = question < 0 || question > end ? end : question;
        return URI.create(trimmed.isEmpty() ? whole.substring(0, end) : whole.substring(0, path) + trimmed);
    }

    /** The address with that query parameter, in the place of any that has its name. */
    static URI withParameter(URI uri, String name, String value) throws CallException {
        String added = Template.urlEncoded(name) + "=" + Template.urlEncoded(value);
        String before = uri.getRawQuery();
        String query = before == null || before.isEmpty()
                ? added
                : Stream.concat(
                                Arrays.stream(before.split("&", -1)).filter(parameter -> !names(parameter, name)),
                                Stream.of(added))
                        .collect(Collectors.joining("&"));
        String text = uri.toString();
        int end = text.indexOf('#') < 0 ? text.length() : text.indexOf('#');
        int question = text.indexOf('?');
        int start = question < 0 || question > end ? end : question;
        return parse(text.substring(0, start) + "?" + query);
    }

    private static boolean names(String parameter, String name) {
        int equals = parameter.indexOf('=');
        String given = equals < 0 ? parameter : parameter.substring(0, equals);
        return given.equals(name) || given.equals(Template.urlEncoded(name));
    }

    /** Scheme, host and path: a query often holds a key. */
    static String shown(URI uri) {
        String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
        return uri.getScheme() + "://" + uri.getHost() + port + (uri.getRawPath() == null ? "" : uri.getRawPath());
    }

    /**
     * The address as it may be kept and cited: what identifies the content stays, what names itself a secret does not, since
     * the address of a record goes on topics, into the index and into answers.
     */
    static String cited(URI uri) {
        if (uri.getRawQuery() == null) {
            return shown(uri);
        }
        return shown(uri) + "?"
                + Arrays.stream(uri.getRawQuery().split("&", -1))
                        .map(parameter -> {
                            int equals = parameter.indexOf('=');
                            return equals >= 0
                                            && SECRET.matcher(parameter.substring(0, equals))
                                                    .find()
                                    ? parameter.substring(0, equals) + "=***"
                                    : parameter;
                        })
                        .collect(Collectors.joining("&"));
    }

    /** Whether both have one scheme, host and port. */
    static boolean sameOrigin(URI a, URI b) {
        return String.valueOf(a.getScheme()).equalsIgnoreCase(b.getScheme())
                && String.valueOf(a.getHost()).equalsIgnoreCase(b.getHost())
                && port(a) == port(b);
    }

    static boolean isHttps(URI uri) {
        return "https".equalsIgnoreCase(uri.getScheme());
    }

    /** The port that is meant, also where none is written. */
    static int port(URI uri) {
        if (uri.getPort() >= 0) {
            return uri.getPort();
        }
        return isHttps(uri) ? 443 : 80;
    }

    /** Host and port, written alike for one server. */
    static String server(URI uri) {
        String host = String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT);
        return (host.endsWith(".") ? host.substring(0, host.length() - 1) : host) + ":" + port(uri);
    }
}
