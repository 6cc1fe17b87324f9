package io.penstock.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The command line of the packaged application, with the jars that the launcher takes from it, against the application itself. */
@Timeout(180)
@ExtendWith(SharedPenstock.class)
class CommandLineIT {
    private static final Path BUILT = Path.of("target/quarkus-app");

    private final PenstockProcess penstock;

    @TempDir
    private Path folder;

    CommandLineIT(PenstockProcess penstock) {
        this.penstock = penstock;
    }

    private record Ended(int code, String out, String err) {
        JsonNode json() throws IOException {
            return Api.JSON.readTree(out);
        }
    }

    /** As the launcher runs it: the data folder tells address and key. */
    private Ended run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath(),
                "io.penstock.cli.Main"));
        command.addAll(List.of(arguments));
        Path err = folder.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(err.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("PENSTOCK_"));
        builder.environment().put("PENSTOCK_DATA", penstock.data().toString());
        Process process = builder.start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Ended(process.exitValue(), out, Files.readString(err));
    }

    private static String classPath() throws IOException {
        List<String> jars = new ArrayList<>();
        for (String pattern : List.of(
                "app/penstock-*.jar",
                "lib/main/info.picocli.picocli-*.jar",
                "lib/main/com.fasterxml.jackson.core.jackson-*.jar")) {
            Path name = Path.of(pattern);
            try (Stream<Path> files = Files.list(BUILT.resolve(pattern).getParent())) {
                List<String> found = files.filter(file -> file.getFileSystem()
                                .getPathMatcher("glob:" + name.getFileName())
                                .matches(file.getFileName()))
                        .map(file -> file.toAbsolutePath().toString())
                        .toList();
                assertThat(found).as(pattern).isNotEmpty();
                jars.addAll(found);
            }
        }
        return String.join(":", jars);
    }

    @Test
    void shouldShowTheStateOfTheApplication() throws Exception {
        Ended text = run("status");
        assertThat(text.err()).isEmpty();
        assertThat(text.out())
                .startsWith("Penstock at http://127.0.0.1:")
                .contains(" is ready\n", "vector-index", "lighthouse");
        assertThat(text.code()).isZero();

        JsonNode status = run("status", "--json").json();
        assertThat(status.path("ready").asBoolean()).isTrue();
        assertThat(status.at("/health/status").asText()).isEqualTo("UP");
        assertThat(status.path("topologies")).isNotEmpty();
        assertThat(status.path("topics")).isNotEmpty();
    }

    @Test
    void shouldFollowARunToItsEndThenFindAndAnswerFromIt() throws Exception {
        Ended collected = run("collect", "lighthouse", "logbook");
        assertThat(collected.err()).isEmpty();
        assertThat(collected.out()).startsWith("DONE  lighthouse: logbook").contains(", 0 failed\n");
        assertThat(collected.code()).isZero();
        String run = collected.out().lines().toList().getLast().strip().substring("run ".length());

        // What this run found unchanged may still be on its way from the one before it.
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            Ended found = run("search", "--json", "--topic", "lighthouse", "-k", "3", "--run", run, "fog bell");
            assertThat(found.json().at("/hits/0/item").asText()).isEqualTo("1897-02-11");
        });

        Ended answered =
                run("ask", "--no-stream", "--json", "--topic", "lighthouse", "Which ship struck the eastern reef?");
        assertThat(answered.json().at("/citations/0/item").asText()).isEqualTo("1897-03-02");
        assertThat(answered.code()).isZero();
    }

    @Test
    void shouldSayInOneLineWhatIsWrong() throws Exception {
        Ended unknown = run("collect", "no-such-topic", "x");
        assertThat(unknown.code()).isEqualTo(8);
        assertThat(unknown.err())
                .startsWith("penstock: ")
                .endsWith("(topic.unknown)\n")
                .hasLineCount(1);

        Ended refused = run("search", "--key", "wrong-key", "fog");
        assertThat(refused.code()).isEqualTo(7);
        assertThat(refused.err())
                .contains("The key from --key was refused.")
                .endsWith("(key.wrong)\n")
                .doesNotContain("wrong-key");

        Ended reasoned = run("search", "--mode", "none", "fog");
        assertThat(reasoned.code()).isEqualTo(8);
        assertThat(reasoned.err()).endsWith("(parameter.invalid)\n");

        assertThat(run("mirror").out()).isEqualTo("No mirror is turned on.\n");
    }
}
