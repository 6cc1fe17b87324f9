package io.penstock.serde;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where the registry is and who asks, from Confluent's setting names. */
record RemoteRegistryConfig(List<Endpoint> endpoints, Duration timeout) {
    static final String URL = "schema.registry.url";
    private static final String SOURCE = "basic.auth.credentials.source";
    private static final String USER_INFO = "basic.auth.user.info";
    private static final String TOKEN = "bearer.auth.token";
    private static final String TIMEOUT_MS = "schema.registry.request.timeout.ms";
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /**
     * One registry.
     *
     * @param url its root, without credentials and without a slash at its end
     * @param authorization the header's value; null when there is none
     */
    record Endpoint(String url, @Nullable String authorization) {
        @Override
        public String toString() {
            return url;
        }
    }

    static RemoteRegistryConfig of(Map<String, ?> config) {
        String urls = text(config, URL);
        List<Endpoint> endpoints = new ArrayList<>();
        for (String url : (urls == null ? "" : urls).split(",", -1)) {
            if (!url.isBlank()) {
                endpoints.add(endpoint(url.strip(), config));
            }
        }
        if (endpoints.isEmpty()) {
            throw invalid("There is no URL of a schema registry. Set SCHEMA_REGISTRY_URL (" + URL + ").");
        }
        return new RemoteRegistryConfig(List.copyOf(endpoints), timeout(config));
    }

    private static Endpoint endpoint(String text, Map<String, ?> config) {
        URI uri;
        try {
            uri = URI.create(text);
        } catch (IllegalArgumentException e) {
            throw invalid("A URL in SCHEMA_REGISTRY_URL cannot be read; it looks like http://host:8081.");
        }
        if (uri.getHost() == null || !("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
            throw invalid("A URL in SCHEMA_REGISTRY_URL is neither http nor https; it looks like http://host:8081.");
        }
        String path = uri.getRawPath() == null ? "" : uri.getRawPath().replaceAll("/+$", "");
        String host = uri.getPort() < 0 ? uri.getHost() : uri.getHost() + ":" + uri.getPort();
        return new Endpoint(uri.getScheme() + "://" + host + path, authorization(uri, config));
    }

    private static @Nullable String authorization(URI uri, Map<String, ?> config) {
        String token = text(config, TOKEN);
        if (token != null) {
            return "Bearer " + token;
        }
        // Credentials in a URL are meant whether the source says so or not.
        String user = uri.getUserInfo() != null && !"USER_INFO".equals(text(config, SOURCE))
                ? uri.getUserInfo()
                : text(config, USER_INFO);
        return user == null ? null : "Basic " + Base64.getEncoder().encodeToString(user.getBytes(UTF_8));
    }

    private static Duration timeout(Map<String, ?> config) {
        String text = text(config, TIMEOUT_MS);
        if (text == null) {
            return TIMEOUT;
        }
        try {
            Duration timeout = Duration.ofMillis(Long.parseLong(text.strip()));
            if (timeout.isPositive()) {
                return timeout;
            }
        } catch (NumberFormatException e) {
            // answered below, with every other value that is no time
        }
        throw invalid(TIMEOUT_MS + " must be a number of milliseconds above 0.");
    }

    private static @Nullable String text(Map<String, ?> config, String name) {
        Object value = config.get(name);
        return value == null || value.toString().isBlank() ? null : value.toString();
    }

    private static PenstockException invalid(String detail) {
        return new PenstockException(ErrorCode.CONFIG_INVALID, detail);
    }
}
