package io.penstock.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** An application whose configuration is partly wrong starts, says what is wrong and where, and serves the rest. */
@Timeout(120)
class FaultyConfigIT {
    private static final PenstockProcess PENSTOCK = new PenstockProcess("faulty-config");

    @BeforeAll
    static void start() {
        PENSTOCK.withConfig("catalog/garden.json", """
                        [
                          {"topic": "garden", "topic_action": "create"},
                          {"topic": "garden", "segment": "beds", "segment_action": "create"},
                          {"topic": "garden", "segment": "trees", "segment_action": "create"}
                        ]
                        """)
                .withConfig("processors/beds.json", """
                        {"id": "beds", "topic": "garden", "segment": "beds", "data_list": "../data-lists/beds.json",
                         "source": {"type": "file", "uri": "texts/{value}.txt"}}
                        """)
                .withConfig("data-lists/beds.json", "[\"roses\", \"missing\"]")
                .withConfig(
                        "texts/roses.txt",
                        "The roses along the wall are pruned in March, before the buds break, and fed with compost.")
                .withConfig("processors/listless.json", """
                        {"id": "listless", "topic": "garden", "segment": "trees", "data_list": "../data-lists/absent.json",
                         "source": {"type": "file", "uri": "texts/{value}.txt"}}
                        """)
                .withConfig("processors/unreadable.json", "[\n  {\n    \"id\": oops\n  }\n]\n");
        Path topologies = PENSTOCK.ownTopologies();
        Path chat = topologies.resolve("chat.yaml");
        PenstockProcess.write(chat, PenstockProcess.text(chat).replace("threads: 1", "threads: 2"));
        Path schedule = topologies.resolve("schedule.yaml");
        PenstockProcess.write(schedule, "colour: red\n" + PenstockProcess.text(schedule));
        PENSTOCK.start();
    }

    @AfterAll
    static void stop() {
        PENSTOCK.close();
    }

    @Test
    void shouldNameFileLineAndFaultOfAnUnreadableFile() {
        JsonNode faults = PENSTOCK.api().get("/api/topologies").body().get("config_faults");

        assertThat(faults).anySatisfy(fault -> {
            assertThat(fault.get("file").textValue()).endsWith("processors/unreadable.json");
            assertThat(fault.get("fault").textValue())
                    .startsWith("processors/unreadable.json, line 3: ")
                    .contains("oops");
        });
        assertThat(PenstockProcess.text(PENSTOCK.log())).contains("processors/unreadable.json, line 3: ");
    }

    @Test
    void shouldApplyFilesThatAreWrittenWhileItRunsAndKeepWhatWorksWhenTheyAreWrong() {
        String right = """
                {"id": "late", "topic": "garden", "segment": "beds", "data_list": [{"value": "a", "text": "b"}]}
                """;
        PENSTOCK.withConfig("processors/late.json", right);
        Awaitility.await()
                .until(() -> PENSTOCK.api().get("/api/processors/late").status() == 200);

        PENSTOCK.withConfig(
                "processors/late.json", "[\n" + right.replace("\"segment\"", "\"batch_size\": 0, \"segment\"") + "]");
        Awaitility.await()
                .until(() -> PENSTOCK.api()
                        .get("/api/topologies")
                        .body()
                        .get("config_faults")
                        .toString()
                        .contains("line 2, processor late, batch_size"));

        assertThat(PENSTOCK.api()
                        .get("/api/processors/late")
                        .body()
                        .get("state")
                        .textValue())
                .isEqualTo("ACTIVE");
    }

    @Test
    void shouldListAProcessorWithoutItsDataListAsInvalid() {
        JsonNode processor =
                Api.require(PENSTOCK.api().get("/api/processors/listless"), 200).body();

        assertThat(processor.get("state").textValue()).isEqualTo("INVALID");
        assertThat(processor.at("/problems/0/code").textValue()).isEqualTo("processor.data-list-missing");
        assertThat(processor.get("problems").toString()).contains("absent.json");
        assertThat(PENSTOCK.api().collected("garden", "trees").get("state").textValue())
                .isEqualTo("FAILED");
    }

    @Test
    void shouldFailTheItemWhoseFileDoesNotExist() {
        JsonNode run = PENSTOCK.api().collected("garden", "beds");

        assertThat(run.get("state").textValue()).isEqualTo("PARTIAL");
        assertThat(run.at("/counts/tasks").intValue()).isEqualTo(2);
        assertThat(run.at("/counts/indexed").intValue()).isEqualTo(1);
        assertThat(run.at("/counts/failed").intValue()).isEqualTo(1);
        assertThat(run.at("/failures/0/code").textValue()).isEqualTo("capture.not-found");
        try (KafkaReader kafka = new KafkaReader(PENSTOCK)) {
            assertThat(kafka.committed("dead-letter.capture")).singleElement().satisfies(letter -> {
                assertThat(KafkaReader.header(letter, "penstock-error-code")).isEqualTo("capture.not-found");
                assertThat(new String(letter.key(), StandardCharsets.UTF_8))
                        .isEqualTo(run.get("run_id").textValue() + "/beds/missing");
            });
        }
    }

    @Test
    void shouldStopOnlyTheTopologyWhoseFileIsWrong() {
        JsonNode topologies = PENSTOCK.api().get("/api/topologies").body().get("topologies");

        assertThat(topologies)
                .filteredOn(topology -> topology.get("name").textValue().equals("schedule"))
                .singleElement()
                .satisfies(topology -> {
                    assertThat(topology.get("state").textValue()).isEqualTo("INVALID");
                    assertThat(topology.get("fault").textValue())
                            .contains("schedule.yaml:1")
                            .contains("colour");
                });
        assertThat(topologies)
                .filteredOn(topology -> !topology.get("name").textValue().equals("schedule"))
                .hasSizeGreaterThanOrEqualTo(9)
                .allSatisfy(topology ->
                        assertThat(topology.get("ready").booleanValue()).isTrue());
    }

    @Test
    void shouldRunEveryTopologyAsItsFileSays() {
        JsonNode topologies = PENSTOCK.api().get("/api/topologies").body().get("topologies");
        Map<String, Map<String, Object>> files = topologyFiles();

        assertThat(files).hasSizeGreaterThanOrEqualTo(9);
        files.forEach((name, file) -> assertThat(topologies)
                .filteredOn(topology -> {
                    String found = topology.get("name").textValue();
                    return found.equals(name) || found.startsWith(name + "/");
                })
                .as(name)
                .isNotEmpty()
                .allSatisfy(topology -> {
                    assertThat(topology.get("guarantee").textValue()).isEqualTo(file.get("guarantee"));
                    assertThat(topology.get("threads").intValue()).isEqualTo(file.get("threads"));
                    assertThat(topology.get("role").textValue()).isEqualTo(file.get("role"));
                    assertThat(topology.get("description").textValue()).isEqualTo(file.get("description"));
                    if (topology.has("stream_threads")) {
                        assertThat((Object) topology.get("stream_threads").size())
                                .isEqualTo(file.get("threads"));
                    }
                }));
    }

    /** What the files of this installation say that have no fault, by name. */
    private static Map<String, Map<String, Object>> topologyFiles() {
        Map<String, Map<String, Object>> files = new TreeMap<>();
        try (Stream<Path> found = Files.list(PENSTOCK.home().resolve("topologies"))) {
            for (Path file : found.toList()) {
                Map<String, Object> yaml =
                        new Yaml(new SafeConstructor(new LoaderOptions())).load(PenstockProcess.text(file));
                if (!yaml.containsKey("colour")) {
                    files.put(String.valueOf(yaml.get("name")), yaml);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }

    @Test
    void shouldRunTheThreadsThatTheFileOfATopologyNames() {
        assertThat(PENSTOCK.api().get("/api/topologies").body().get("topologies"))
                .filteredOn(topology -> topology.get("name").textValue().equals("chat"))
                .singleElement()
                .satisfies(topology -> {
                    assertThat(topology.get("threads").intValue()).isEqualTo(2);
                    assertThat(topology.get("stream_threads")).hasSize(2);
                });
    }
}
