package io.penstock.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * {@code docker/compose.yaml}, read as Compose reads it: anchors and merges resolved, {@code ${VARIABLE}} replaced. With it a test
 * can run what the file says as processes, without an engine.
 */
public final class ComposeFile {
    /** The services that run Penstock, by role. */
    public static final List<String> PENSTOCK_SERVICES = List.of("gateway", "processors", "rag");

    static final Path PATH = Path.of("docker/compose.yaml");

    /** {@code ${NAME}}, {@code ${NAME:-default}} or {@code ${NAME:?message}}. */
    private static final Pattern VARIABLE =
            Pattern.compile("\\$\\{(?<name>[A-Z][A-Z0-9_]*)(?:(?<kind>:[-?])(?<rest>[^}]*))?}");

    private final JsonNode root;

    private ComposeFile(JsonNode root) {
        this.root = root;
    }

    public static ComposeFile read() {
        return new ComposeFile(yaml(PATH));
    }

    JsonNode root() {
        return root;
    }

    JsonNode service(String name) {
        JsonNode service = root.at("/services/" + name);
        if (service.isMissingNode()) {
            throw new IllegalArgumentException("There is no service " + name + " in " + PATH);
        }
        return service;
    }

    /**
     * The environment of a service as its container gets it.
     *
     * @param shell what the variables in the file stand for
     * @throws IllegalArgumentException when the shell lacks a variable that the file requires
     */
    public Map<String, String> environment(String service, Map<String, String> shell) {
        Map<String, String> environment = new TreeMap<>();
        service(service)
                .path("environment")
                .properties()
                .forEach(entry -> environment.put(
                        entry.getKey(), interpolate(entry.getValue().asText(), shell)));
        return environment;
    }

    /**
     * The environment of a service for a process on this machine.
     *
     * @param addresses what takes the place of what the file calls, for example, {@code kafka:9092}
     */
    public Map<String, String> environment(String service, Map<String, String> shell, Map<String, String> addresses) {
        Map<String, String> environment = environment(service, shell);
        environment.replaceAll((variable, value) -> {
            String here = value;
            for (Map.Entry<String, String> address : addresses.entrySet()) {
                here = here.replace(address.getKey(), address.getValue());
            }
            return here;
        });
        return environment;
    }

    static String interpolate(String text, Map<String, String> shell) {
        Matcher matcher = VARIABLE.matcher(text);
        StringBuilder result = new StringBuilder();
        while (matcher.find()) {
            String name = matcher.group("name");
            String value = shell.getOrDefault(name, "");
            String kind = matcher.group("kind");
            if (value.isEmpty() && ":?".equals(kind)) {
                throw new IllegalArgumentException(name + " is required: " + matcher.group("rest"));
            }
            if (value.isEmpty() && ":-".equals(kind)) {
                value = matcher.group("rest");
            }
            matcher.appendReplacement(result, Matcher.quoteReplacement(value));
        }
        return matcher.appendTail(result).toString();
    }

    /** A YAML file as a tree. */
    static JsonNode yaml(Path file) {
        try {
            Object document = new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(file));
            return new JsonMapper().valueToTree(document);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
