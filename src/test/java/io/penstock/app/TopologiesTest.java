package io.penstock.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.topology.Guarantee;
import io.penstock.topology.PinnedTopology;
import io.penstock.topology.TopologyDefinition;
import io.penstock.topology.TopologyFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TopologiesTest {
    @Test
    void shouldHaveAFileForEachTopologyThatSaysItsGuarantee() {
        TopologyFiles.Loaded loaded = TopologyFiles.read(Path.of("topologies"));

        assertThat(loaded.faults()).isEmpty();
        assertThat(loaded.definitions()).containsOnlyKeys(Topologies.NAMES);
        assertThat(loaded.definitions()).allSatisfy((name, definition) -> {
            assertThat(definition.file()).isEqualTo("topologies/" + name + ".yaml");
            assertThat(definition.applicationId()).isEqualTo("penstock-" + name);
        });
        Map<String, Guarantee> guarantees = new TreeMap<>();
        for (TopologyDefinition definition : loaded.definitions().values()) {
            if (definition.guarantee() != Guarantee.EXACTLY_ONCE_V2) {
                guarantees.put(definition.name(), definition.guarantee());
            }
        }
        assertThat(guarantees)
                .as("those that are not exactly once")
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "catalog", Guarantee.NONE,
                        "chat", Guarantee.AT_LEAST_ONCE,
                        "vector-index", Guarantee.AT_LEAST_ONCE));
    }

    @Test
    void shouldHaveEveryTopologyPinned() throws IOException {
        try (Stream<Path> files = Files.list(PinnedTopology.FOLDER)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(
                            Topologies.NAMES.stream().map(name -> name + ".txt").toList());
        }
    }
}
