package io.penstock.app;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Penstock's own settings, each from an environment variable ({@code PENSTOCK_PORT}) or a system property of the same meaning
 * ({@code penstock.port}), which wins.
 *
 * @param port of the HTTP server; 0 for any
 * @param host the HTTP server listens on
 * @param roles what this app instance runs
 * @param partitions of the Kafka topics that carry data
 * @param topics which topics' enrichment runs here: names, or a pattern that a whole name must match
 * @param minLetters letters that a text needs to be worth keeping
 * @param advertisedUrl where other instances reach the HTTP server, if that is not where it listens
 * @param kafkaPort of the embedded broker; 0 for any
 * @param bootstrapServers of a real Kafka; empty for the embedded one
 * @param registryUrl of a real registry; empty for the embedded one
 */
public record PenstockSettings(
        int port,
        String host,
        Path data,
        Path config,
        Path topologies,
        Set<String> roles,
        int partitions,
        int maxTopics,
        String topics,
        int minLetters,
        Optional<String> apiKey,
        Optional<String> advertisedUrl,
        int kafkaPort,
        Optional<String> bootstrapServers,
        Optional<String> registryUrl) {
    private static final Set<String> ROLES = Set.of("gateway", "processors", "rag");
    private static final Set<String> BROKER = Set.of("broker");

    /** Reads the process's environment and system properties. */
    public static PenstockSettings fromProcess() {
        return from(System.getenv(), System::getProperty);
    }

    /** @throws PenstockException {@code config.invalid} naming the variable */
    @SuppressWarnings("NullAway") // a system property may be absent
    static PenstockSettings from(Map<String, String> environment, Function<String, String> properties) {
        Lookup lookup = variable -> {
            String property =
                    properties.apply(variable.toLowerCase(java.util.Locale.ROOT).replace('_', '.'));
            String value = property == null ? environment.get(variable) : property;
            return Optional.ofNullable(value).map(String::strip).filter(text -> !text.isEmpty());
        };
        PenstockSettings settings = new PenstockSettings(
                number(lookup, "PENSTOCK_PORT", 8080, 0, 65_535),
                lookup.find("PENSTOCK_HOST").orElse("127.0.0.1"),
                Path.of(lookup.find("PENSTOCK_DATA").orElse("data")),
                Path.of(lookup.find("PENSTOCK_CONFIG").orElse("config")),
                Path.of(lookup.find("PENSTOCK_TOPOLOGIES").orElse("topologies")),
                roles(lookup.find("PENSTOCK_ROLES").orElse("all")),
                number(lookup, "PENSTOCK_PARTITIONS", 4, 1, 1_000),
                number(lookup, "PENSTOCK_MAX_TOPICS", 64, 1, 10_000),
                topics(lookup.find("PENSTOCK_TOPICS").orElse("all")),
                number(lookup, "PENSTOCK_MIN_LETTERS", 40, 0, 1_000_000),
                lookup.find("PENSTOCK_API_KEY"),
                lookup.find("PENSTOCK_ADVERTISED_URL").map(PenstockSettings::address),
                number(lookup, "PENSTOCK_KAFKA_PORT", 9092, 0, 65_535),
                lookup.find("KAFKA_BOOTSTRAP_SERVERS"),
                lookup.find("SCHEMA_REGISTRY_URL"));
        if (settings.isBroker() && settings.bootstrapServers().isPresent()) {
            throw invalid(
                    "PENSTOCK_ROLES=broker runs the embedded broker, and KAFKA_BOOTSTRAP_SERVERS names another one."
                            + " Unset one of the two.");
        }
        return settings;
    }

    private interface Lookup {
        Optional<String> find(String variable);
    }

    private static int number(Lookup lookup, String variable, int standard, int least, int most) {
        Optional<String> text = lookup.find(variable);
        if (text.isEmpty()) {
            return standard;
        }
        if (!text.get().matches("[0-9]{1,9}")
                || Integer.parseInt(text.get()) < least
                || Integer.parseInt(text.get()) > most) {
            throw invalid(
                    variable + " is a whole number from " + least + " to " + most + ", not '" + text.get() + "'.");
        }
        return Integer.parseInt(text.get());
    }

    private static Set<String> roles(String text) {
        if (text.equals("all")) {
            return ROLES;
        }
        Set<String> roles = new LinkedHashSet<>(Arrays.asList(text.split("\\s*,\\s*", -1)));
        if (roles.equals(BROKER)) {
            return BROKER;
        }
        if (!ROLES.containsAll(roles)) {
            throw invalid("PENSTOCK_ROLES is 'all', some of gateway, processors and rag, or broker alone, not '" + text
                    + "'.");
        }
        return Set.copyOf(roles);
    }

    private static String topics(String text) {
        try {
            Pattern.compile(text);
            return text;
        } catch (PatternSyntaxException e) {
            throw invalid("PENSTOCK_TOPICS is 'all', names, or a pattern; '" + text + "' is none: " + e.getDescription()
                    + ".");
        }
    }

    /** The address without a slash at its end. */
    private static String address(String text) {
        try {
            URI url = new URI(text);
            if (("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
                    && url.getHost() != null
                    && url.getQuery() == null
                    && url.getFragment() == null) {
                return text.replaceFirst("/+$", "");
            }
        } catch (URISyntaxException e) {
            throw new PenstockException(
                    ErrorCode.CONFIG_INVALID, "PENSTOCK_ADVERTISED_URL: " + e.getMessage() + ".", e);
        }
        throw invalid("PENSTOCK_ADVERTISED_URL is an address such as http://host:8080, not '" + text + "'.");
    }

    private static PenstockException invalid(String what) {
        return new PenstockException(ErrorCode.CONFIG_INVALID, what);
    }

    boolean runs(String role) {
        return role.equals("all") || roles.contains(role);
    }

    /** Whether the enrichment of a topic runs here. */
    boolean takes(String topic) {
        return topics.equals("all")
                || List.of(topics.split("\\s*,\\s*", -1)).contains(topic)
                || Pattern.matches(topics, topic);
    }

    boolean isLoopback() {
        return host.equals("localhost")
                || host.equals("::1")
                || host.equals("[::1]")
                || host.matches("127(\\.[0-9]{1,3}){3}");
    }

    /** Whether this is a broker for other instances, and nothing else. */
    boolean isBroker() {
        return roles.equals(BROKER);
    }

    /** Whether other instances are told an address at which they reach themselves. */
    boolean isUnreachable() {
        return bootstrapServers.isPresent() && advertisedUrl.isEmpty() && (host.equals("0.0.0.0") || host.equals("::"));
    }

    /** Where other instances reach the HTTP server. */
    String peerUrl() {
        return advertisedUrl.orElseGet(this::url);
    }

    /** Where people reach the HTTP server. */
    String url() {
        String name = host.equals("0.0.0.0") || host.equals("::") ? "127.0.0.1" : host;
        return "http://" + (name.contains(":") && !name.startsWith("[") ? "[" + name + "]" : name) + ":" + port;
    }

    PenstockSettings withPorts(int httpPort, int brokerPort) {
        return new PenstockSettings(
                httpPort,
                host,
                data,
                config,
                topologies,
                roles,
                partitions,
                maxTopics,
                topics,
                minLetters,
                apiKey,
                advertisedUrl,
                brokerPort,
                bootstrapServers,
                registryUrl);
    }
}
