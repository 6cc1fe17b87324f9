package io.penstock.topology;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;

/** Reads the files in {@code topologies/}. A file at fault stops its own topology and no other. */
public final class TopologyFiles {
    private static final Set<String> KEYS =
            Set.of("name", "application-id", "guarantee", "threads", "role", "description", "kafka");
    private static final Set<String> ROLES = Set.of("gateway", "processors", "rag", "all");
    private static final int MOST_THREADS = 64;

    /**
     * What was read.
     *
     * @param definitions by topology name
     * @param faults what was wrong, by topology name (that of the file where none could be read)
     */
    public record Loaded(Map<String, TopologyDefinition> definitions, Map<String, String> faults) {}

    private TopologyFiles() {}

    /** @throws PenstockException {@code config.invalid} when the folder cannot be read */
    public static Loaded read(Path folder) {
        Map<String, TopologyDefinition> definitions = new TreeMap<>();
        Map<String, String> faults = new TreeMap<>();
        for (Path file : yamlFiles(folder)) {
            String name = file.getFileName().toString().replaceFirst("\\.ya?ml$", "");
            try {
                TopologyDefinition definition =
                        parse(folder.getFileName() + "/" + file.getFileName(), Files.readString(file));
                if (definitions.putIfAbsent(definition.name(), definition) != null) {
                    faults.put(name, definition.file() + ": the topology " + definition.name() + " is described twice");
                }
            } catch (PenstockException e) {
                faults.put(name, e.detail());
            } catch (IOException e) {
                faults.put(name, file.getFileName() + ": cannot be read: " + e.getMessage());
            }
        }
        return new Loaded(definitions, faults);
    }

    private static List<Path> yamlFiles(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().matches(".*\\.ya?ml"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new PenstockException(
                    ErrorCode.CONFIG_INVALID,
                    "The folder of topologies, " + folder
                            + ", cannot be read: set PENSTOCK_TOPOLOGIES to one that can.",
                    e);
        }
    }

    /** @throws PenstockException {@code config.invalid} naming file, line and fault */
    static TopologyDefinition parse(String file, String text) {
        Map<String, Node> fields = fields(file, compose(file, text));
        for (Map.Entry<String, Node> field : fields.entrySet()) {
            if (!KEYS.contains(field.getKey())) {
                throw fault(
                        file,
                        field.getValue(),
                        "unknown key '" + field.getKey() + "'; known are "
                                + String.join(", ", KEYS.stream().sorted().toList()));
            }
        }
        String guaranteeText = required(file, fields, "guarantee");
        Guarantee guarantee = Guarantee.of(guaranteeText)
                .orElseThrow(() -> fault(
                        file,
                        fields.get("guarantee"),
                        "guarantee is exactly_once_v2, at_least_once or none, not '" + guaranteeText + "'"));
        String role = required(file, fields, "role");
        if (!ROLES.contains(role)) {
            throw fault(file, fields.get("role"), "role is gateway, processors, rag or all, not '" + role + "'");
        }
        Map<String, String> kafka = new LinkedHashMap<>();
        Node settings = fields.get("kafka");
        if (settings != null) {
            fields(file, settings).forEach((key, node) -> kafka.put(key, scalar(file, key, node)));
        }
        return new TopologyDefinition(
                required(file, fields, "name"),
                required(file, fields, "application-id"),
                guarantee,
                threads(file, fields),
                role,
                required(file, fields, "description").strip(),
                Map.copyOf(kafka),
                file);
    }

    private static int threads(String file, Map<String, Node> fields) {
        Node node = fields.get("threads");
        if (node == null) {
            return 1;
        }
        String text = scalar(file, "threads", node);
        if (!text.matches("[0-9]{1,3}") || Integer.parseInt(text) > MOST_THREADS) {
            throw fault(file, node, "threads is a number from 0 to " + MOST_THREADS + ", not '" + text + "'");
        }
        return Integer.parseInt(text);
    }

    private static Node compose(String file, String text) {
        try {
            Node root = new Yaml(new LoaderOptions()).compose(new StringReader(text));
            if (root == null) {
                throw new PenstockException(ErrorCode.CONFIG_INVALID, file + ":1: the file is empty");
            }
            return root;
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
            throw new PenstockException(ErrorCode.CONFIG_INVALID, file + ":" + line + ": " + e.getProblem(), e);
        } catch (YAMLException e) {
            throw new PenstockException(ErrorCode.CONFIG_INVALID, file + ":1: " + e.getMessage(), e);
        }
    }

    private static Map<String, Node> fields(String file, Node node) {
        if (!(node instanceof MappingNode mapping)) {
            throw fault(file, node, "expected keys and values");
        }
        Map<String, Node> fields = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                throw fault(file, tuple.getKeyNode(), "a key must be plain text");
            }
            if (fields.putIfAbsent(key.getValue(), tuple.getValueNode()) != null) {
                throw fault(file, key, "the key '" + key.getValue() + "' stands twice");
            }
        }
        return fields;
    }

    private static String required(String file, Map<String, Node> fields, String key) {
        Node node = fields.get(key);
        if (node == null) {
            throw new PenstockException(ErrorCode.CONFIG_INVALID, file + ":1: the key '" + key + "' is missing");
        }
        return scalar(file, key, node);
    }

    private static String scalar(String file, String key, Node node) {
        if (node instanceof ScalarNode scalar && !scalar.getValue().isBlank()) {
            return scalar.getValue();
        }
        throw fault(file, node, "'" + key + "' must be a plain value");
    }

    private static PenstockException fault(String file, @org.jspecify.annotations.Nullable Node node, String what) {
        int line = node == null ? 1 : node.getStartMark().getLine() + 1;
        return new PenstockException(ErrorCode.CONFIG_INVALID, file + ":" + line + ": " + what);
    }
}
