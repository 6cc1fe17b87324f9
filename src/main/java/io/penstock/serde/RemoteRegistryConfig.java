package io.penstock.serde;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the registry is, who asks and how patiently, from Confluent's setting names.
 *
 * @param registering when schemas are registered
 * @param useLatest whether values are written with the newest version of their subject
 * @param strictLatest whether that version must read what values of their own schema are
 * @param latestKept how long the newest version is believed to be that; negative means for good
 * @param missingKept how long an id that the registry did not know is believed to be unknown
 */
record RemoteRegistryConfig(
        List<Endpoint> endpoints,
        Patience patience,
        Registering registering,
        boolean useLatest,
        boolean strictLatest,
        Duration latestKept,
        Duration missingKept) {
    static final String URL = "schema.registry.url";
    static final String AUTO_REGISTER = "auto.register.schemas";

    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final Duration READ = Duration.ofSeconds(4);
    /** Less than a transaction lives, and less than a stream thread may take to close. */
    private static final Duration WHOLE = Duration.ofSeconds(5);

    private static final Duration WAIT = Duration.ofMillis(100);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);
    private static final int RETRIES = 3;
    private static final Duration LATEST = Duration.ofSeconds(60);
    private static final Duration MISSING = Duration.ofSeconds(5);

    /** When schemas are registered. */
    enum Registering {
        /** Whenever a value of a new schema is written: {@code auto.register.schemas=true}. */
        ALWAYS,
        /** When it is asked for, but not by writing a value: what holds without that setting. */
        WHEN_ASKED,
        /** Never, so that others decide on schemas: {@code auto.register.schemas=false}. */
        NEVER
    }

    /**
     * How long the registry is waited for.
     *
     * @param connect for a connection
     * @param read for an answer
     * @param whole for one request with all its retries
     * @param retries after the first attempt, each at all URLs
     * @param firstWait before the first retry; it doubles
     */
    record Patience(
            Duration connect, Duration read, Duration whole, int retries, Duration firstWait, Duration longestWait) {}

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
        RegistrySettings settings = new RegistrySettings(config);
        String urls = settings.text(URL);
        List<Endpoint> endpoints = new ArrayList<>();
        for (String url : (urls == null ? "" : urls).split(",", -1)) {
            if (!url.isBlank()) {
                endpoints.add(endpoint(url.strip(), settings));
            }
        }
        if (endpoints.isEmpty()) {
            throw RegistrySettings.invalid(
                    "There is no URL of a schema registry. Set SCHEMA_REGISTRY_URL (" + URL + ").");
        }
        return new RemoteRegistryConfig(
                List.copyOf(endpoints),
                new Patience(
                        settings.millis("http.connect.timeout.ms", CONNECT, 1),
                        settings.millis("http.read.timeout.ms", READ, 1),
                        settings.millis("schema.registry.request.timeout.ms", WHOLE, 1),
                        settings.number("max.retries", RETRIES, 0),
                        settings.millis("retries.wait.ms", WAIT, 0),
                        settings.millis("retries.max.wait.ms", LONGEST_WAIT, 0)),
                registering(settings),
                settings.flag("use.latest.version", false),
                settings.flag("latest.compatibility.strict", true),
                settings.seconds("latest.cache.ttl.sec", LATEST),
                settings.seconds("missing.id.cache.ttl.sec", MISSING));
    }

    private static Registering registering(RegistrySettings settings) {
        if (settings.text(AUTO_REGISTER) == null) {
            return Registering.WHEN_ASKED;
        }
        return settings.flag(AUTO_REGISTER, true) ? Registering.ALWAYS : Registering.NEVER;
    }

    private static Endpoint endpoint(String text, RegistrySettings settings) {
        URI uri;
        try {
            uri = URI.create(text);
        } catch (IllegalArgumentException e) {
            throw RegistrySettings.invalid(
                    "A URL in SCHEMA_REGISTRY_URL cannot be read; it looks like http://host:8081.");
        }
        if (uri.getHost() == null || !("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
            throw RegistrySettings.invalid(
                    "A URL in SCHEMA_REGISTRY_URL is neither http nor https; it looks like http://host:8081.");
        }
        String path = uri.getRawPath() == null ? "" : uri.getRawPath().replaceAll("/+$", "");
        String host = uri.getPort() < 0 ? uri.getHost() : uri.getHost() + ":" + uri.getPort();
        return new Endpoint(uri.getScheme() + "://" + host + path, RegistryCredentials.of(uri, settings));
    }
}
