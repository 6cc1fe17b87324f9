package io.penstock.docker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What Penstock and Kafka know, to hold the files against. */
final class Known {
    private static final Pattern VARIABLE = Pattern.compile("\"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\"");

    /** A name with a digit in its tag, which is not {@code latest} and does not move with each release. */
    static final Pattern PINNED_IMAGE =
            Pattern.compile("[a-z0-9./-]+(:[0-9]{2,5})?[a-z0-9./-]*:[0-9]+\\.[0-9]+\\.[0-9]+[a-z0-9._-]*");

    /** Read by the scripts of Kafka's image, not by Kafka. */
    private static final Set<String> KAFKA_SCRIPT_VARIABLES = Set.of("CLUSTER_ID", "KAFKA_HEAP_OPTS");

    private Known() {}

    /** The environment variables that the code of the application reads. */
    static Set<String> variables() {
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .flatMap(file -> VARIABLE.matcher(text(file)).results())
                    .map(match -> match.group(1))
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The settings that Kafka's image makes of its variables, as Kafka names them. */
    static Map<String, String> kafkaSettings(Map<String, String> environment) {
        Map<String, String> settings = new TreeMap<>();
        environment.forEach((name, value) -> {
            if (!KAFKA_SCRIPT_VARIABLES.contains(name)) {
                settings.put(
                        name.substring("KAFKA_".length())
                                .toLowerCase(Locale.ROOT)
                                .replace('_', '.'),
                        value);
            }
        });
        return settings;
    }

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
