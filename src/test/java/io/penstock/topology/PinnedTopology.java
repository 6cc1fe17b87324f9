package io.penstock.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyDescription;

/**
 * Holds a topology against its description in {@code src/test/resources/topologies}: to rename a node or a store is a migration,
 * which a reviewer must see. The description as it is now is written to {@code target/topologies}, to be copied when the change is
 * meant.
 */
public final class PinnedTopology {
    public static final Path FOLDER = Path.of("src", "test", "resources", "topologies");
    private static final Path NOW = Path.of("target", "topologies");

    private PinnedTopology() {}

    /** @param name of the topology, which is that of the file */
    public static void assertPinned(String name, Topology topology) {
        TopologyDescription description = topology.describe();
        assertThat(names(description))
                .as("nodes and stores of %s, all named by hand", name)
                .isNotEmpty()
                .allMatch(node -> node.matches("[a-z][a-z0-9.]*(-[a-z0-9.]+)*") && !node.matches(".*[0-9]{6,}.*"));
        Path pinned = FOLDER.resolve(name + ".txt");
        Path now = NOW.resolve(name + ".txt");
        String text = description.toString().strip() + "\n";
        try {
            Files.createDirectories(NOW);
            Files.writeString(now, text);
            assertThat(text)
                    .as("%s as it is pinned in %s; if the change is meant, copy %s there", name, pinned, now)
                    .isEqualToNormalizingNewlines(Files.exists(pinned) ? Files.readString(pinned) : "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> names(TopologyDescription description) {
        List<String> names = new ArrayList<>();
        for (TopologyDescription.Subtopology subtopology : description.subtopologies()) {
            subtopology.nodes().forEach(node -> add(names, node));
        }
        for (TopologyDescription.GlobalStore store : description.globalStores()) {
            add(names, store.source());
            add(names, store.processor());
        }
        return names;
    }

    private static void add(List<String> names, TopologyDescription.Node node) {
        names.add(node.name());
        if (node instanceof TopologyDescription.Processor processor) {
            names.addAll(processor.stores());
        }
    }
}
