package io.penstock.http;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What the operator decides about the HTTP server besides its port and key.
 *
 * @param corsOrigins web pages from these origins may call; empty turns CORS off, {@code *} alone means every page
 * @param header how long a new connection has to send the head of its first request
 * @param body how long a request's body may take
 * @param write how long a client may take nothing of an answer that waits for it
 * @param idle how long a connection may stay open between an answer and the head of the next request
 * @param connections how many may be open at once
 */
public record HttpSettings(
        Set<String> corsOrigins, Duration header, Duration body, Duration write, Duration idle, int connections) {
    static final String ANY_ORIGIN = "*";
    private static final int MOST_SECONDS = 3_600;
    private static final int MOST_CONNECTIONS = 100_000;

    public HttpSettings {
        corsOrigins = Set.copyOf(corsOrigins);
    }

    /**
     * From the process's environment and system properties.
     *
     * @throws PenstockException {@code config.invalid} naming the variable
     */
    public static HttpSettings fromProcess() {
        return from(System.getenv(), name -> System.getProperty(name));
    }

    /** @param properties by lower-case dotted names; they win over variables */
    static HttpSettings from(Map<String, String> environment, Function<String, @Nullable String> properties) {
        UnaryOperator<String> lookup = variable -> {
            String property = properties.apply(variable.toLowerCase(Locale.ROOT).replace('_', '.'));
            String value = property == null ? environment.get(variable) : property;
            return value == null ? "" : value.strip();
        };
        return new HttpSettings(
                origins(lookup.apply("PENSTOCK_CORS_ORIGINS")),
                seconds(lookup, "PENSTOCK_HTTP_HEADER_SECONDS", 10),
                seconds(lookup, "PENSTOCK_HTTP_BODY_SECONDS", 30),
                seconds(lookup, "PENSTOCK_HTTP_WRITE_SECONDS", 30),
                seconds(lookup, "PENSTOCK_HTTP_IDLE_SECONDS", 75),
                number(lookup, "PENSTOCK_HTTP_CONNECTIONS", 512, MOST_CONNECTIONS));
    }

    private static Set<String> origins(String text) {
        Set<String> origins = new LinkedHashSet<>();
        for (String part : text.split(",", -1)) {
            String origin = part.strip();
            if (!origin.isEmpty()) {
                origins.add(origin.equals(ANY_ORIGIN) ? origin : origin(origin));
            }
        }
        if (origins.contains(ANY_ORIGIN) && origins.size() > 1) {
            throw new PenstockException(
                    ErrorCode.CONFIG_INVALID,
                    "PENSTOCK_CORS_ORIGINS is a list of origins, or * alone; it has both: '" + text + "'.");
        }
        return origins;
    }

    /** As browsers send it: scheme, host and, unless it is the scheme's own, port. */
    private static String origin(String text) {
        @Nullable URI uri = null;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            // said below
        }
        if (uri == null
                || uri.getHost() == null
                || uri.getScheme() == null
                || !Set.of("http", "https").contains(uri.getScheme().toLowerCase(Locale.ROOT))
                || !text.equalsIgnoreCase(
                        uri.getScheme() + "://" + uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort()))) {
            throw new PenstockException(
                    ErrorCode.CONFIG_INVALID,
                    "PENSTOCK_CORS_ORIGINS holds '" + text
                            + "', which is no origin. One is a scheme, a host and perhaps a port, without a path or a"
                            + " slash at the end, such as https://app.example.org or http://localhost:3000.");
        }
        return text.toLowerCase(Locale.ROOT);
    }

    private static Duration seconds(UnaryOperator<String> lookup, String variable, int standard) {
        return Duration.ofSeconds(number(lookup, variable, standard, MOST_SECONDS));
    }

    private static int number(UnaryOperator<String> lookup, String variable, int standard, int most) {
        String text = lookup.apply(variable);
        if (text.isEmpty()) {
            return standard;
        }
        if (!text.matches("[0-9]{1,9}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > most) {
            throw new PenstockException(
                    ErrorCode.CONFIG_INVALID,
                    variable + " is a whole number from 1 to " + most + ", not '" + text + "'.");
        }
        return Integer.parseInt(text);
    }
}
