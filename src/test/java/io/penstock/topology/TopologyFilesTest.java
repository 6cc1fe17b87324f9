package io.penstock.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopologyFilesTest {
    private static final String SOUND = """
            name: chat
            application-id: penstock-chat
            guarantee: at_least_once
            threads: 2
            role: rag
            description: Answers.
            kafka:
              commit.interval.ms: 100
              producer.linger.ms: 0
            """;

    @TempDir
    private Path folder;

    @Test
    void shouldReadWhatAFileSays() {
        assertThat(TopologyFiles.parse("topologies/chat.yaml", SOUND))
                .isEqualTo(new TopologyDefinition(
                        "chat",
                        "penstock-chat",
                        Guarantee.AT_LEAST_ONCE,
                        2,
                        "rag",
                        "Answers.",
                        Map.of("commit.interval.ms", "100", "producer.linger.ms", "0"),
                        "topologies/chat.yaml"));
    }

    @Test
    void shouldTakeOneThreadAndNoSettingsWhenNoneAreNamed() {
        TopologyDefinition definition = TopologyFiles.parse(
                "x.yaml", "name: n\napplication-id: a\nguarantee: exactly_once_v2\nrole: all\ndescription: d\n");

        assertThat(definition.threads()).isEqualTo(1);
        assertThat(definition.kafka()).isEmpty();
        assertThat(definition.guarantee()).isEqualTo(Guarantee.EXACTLY_ONCE_V2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "threads: 2|thread: 2|x.yaml:4: unknown key 'thread'; known are application-id, description",
                "at_least_once|exactly_once|x.yaml:3: guarantee is exactly_once_v2, at_least_once or none, not 'exactly_once'",
                "role: rag|role: cook|x.yaml:5: role is gateway, processors, rag or all, not 'cook'",
                "threads: 2|threads: many|x.yaml:4: threads is a number from 0 to 64, not 'many'",
                "threads: 2|threads: 65|x.yaml:4: threads is a number from 0 to 64, not '65'",
                "threads: 2|threads: -1|x.yaml:4: threads is a number",
                "threads: 2|role: all|the key 'role' stands twice",
                "name: chat|description: d|the key 'description' stands twice",
                "name: chat|# nothing|x.yaml:1: the key 'name' is missing",
                "guarantee: at_least_once|# nothing|x.yaml:1: the key 'guarantee' is missing",
                "name: chat|name: [a, b]|x.yaml:1: 'name' must be a plain value",
                "name: chat|name:|x.yaml:1: 'name' must be a plain value",
                "commit.interval.ms: 100|commit.interval.ms: {a: 1}|x.yaml:8: 'commit.interval.ms' must be a plain value",
                "threads: 2|threads: : 2|x.yaml:4: ",
            })
    void shouldSayInWhichFileAndLineWhatIsWrong(String sound, String broken, String detail) {
        assertThat(SOUND).contains(sound);

        assertThatThrownBy(() -> TopologyFiles.parse("x.yaml", SOUND.replace(sound, broken)))
                .isInstanceOfSatisfying(PenstockException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
                    assertThat(e.detail()).startsWith("x.yaml:").contains(detail);
                });
    }

    @ParameterizedTest
    @CsvSource({"'',the file is empty", "'# nothing',the file is empty", "'- a',expected keys and values"})
    void shouldRefuseAFileThatHoldsNoKeys(String text, String detail) {
        assertThatThrownBy(() -> TopologyFiles.parse("x.yaml", text)).hasMessage("x.yaml:1: " + detail);
    }

    @Test
    void shouldStopOnlyTheTopologyWhoseFileIsAtFault() throws IOException {
        Files.writeString(folder.resolve("chat.yaml"), SOUND);
        Files.writeString(folder.resolve("runs.yml"), SOUND.replace("name: chat", "name: runs") + "colour: red\n");
        Files.writeString(folder.resolve("notes.txt"), "not a topology");

        TopologyFiles.Loaded loaded = TopologyFiles.read(folder);

        assertThat(loaded.definitions()).containsOnlyKeys("chat");
        assertThat(loaded.faults()).containsOnlyKeys("runs");
        assertThat(loaded.faults().get("runs")).startsWith(folder.getFileName() + "/runs.yml:10: unknown key 'colour'");
    }

    @Test
    void shouldTakeTheFirstOfTwoFilesThatDescribeTheSameTopology() throws IOException {
        Files.writeString(folder.resolve("a.yaml"), SOUND);
        Files.writeString(folder.resolve("b.yaml"), SOUND.replace("threads: 2", "threads: 3"));

        TopologyFiles.Loaded loaded = TopologyFiles.read(folder);

        assertThat(loaded.definitions().values())
                .extracting(TopologyDefinition::threads)
                .containsExactly(2);
        assertThat(loaded.faults().get("b")).contains("b.yaml", "chat", "twice");
    }

    @Test
    void shouldNameTheVariableWhenTheFolderIsNotThere() {
        assertThatThrownBy(() -> TopologyFiles.read(folder.resolve("nowhere")))
                .isInstanceOfSatisfying(PenstockException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
                    assertThat(e.detail()).contains("PENSTOCK_TOPOLOGIES", "nowhere");
                });
    }
}
