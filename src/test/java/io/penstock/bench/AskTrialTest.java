package io.penstock.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.cli.Answers;
import io.penstock.cli.Loopback;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The measurement of {@code ./penstock ask}, over a script in its place and a server in this process. */
@Timeout(60)
class AskTrialTest {
    @TempDir
    private Path folder;

    private Loopback server;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(AskTrial.isPossible(), "curl is not installed on this machine");
        server = new Loopback()
                .on(
                        "POST /api/chat",
                        Loopback.events(Answers.start(), Answers.text(11, "So."), Answers.done(12, "So.")));
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    private AskTrial trial(String script) throws IOException {
        Path launcher = Files.writeString(folder.resolve("penstock"), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
        return new AskTrial(launcher, server.url(), "the-key", "What is a fence?", "harbour");
    }

    @Test
    void shouldLetBothAskTheSameInTurns() throws Exception {
        AskTrial trial = trial("echo \"$PENSTOCK_API_KEY $*\" >>'" + folder + "/asked'; echo So.");

        ObjectNode figures = RunningPenstock.JSON.createObjectNode();
        trial.measure(2).putInto(figures);

        assertThat(figures.path("ask_first_byte_ms").asLong()).isBetween(0L, 10_000L);
        assertThat(figures.path("ask_first_byte_max_ms").asLong())
                .isGreaterThanOrEqualTo(figures.path("ask_first_byte_ms").asLong());
        assertThat(figures.has("curl_first_text_ms")).isTrue();
        assertThat(figures.has("curl_first_byte_ms")).isTrue();
        assertThat(Files.readAllLines(folder.resolve("asked")))
                .hasSize(3)
                .containsOnly("the-key ask --url " + server.url() + " --topic harbour -- What is a fence?");
        assertThat(server.requests())
                .hasSize(6)
                .allSatisfy(request -> assertThat(request.body())
                        .isEqualTo("{\"message\":\"What is a fence?\",\"topic\":\"harbour\"}"))
                .allSatisfy(request ->
                        assertThat(request.headers().getFirst("Accept")).isEqualTo("text/event-stream"));
    }

    @Test
    void shouldNotTakeAFailureForAFastAnswer() throws Exception {
        AskTrial failing = trial("echo So.; exit 3");
        assertThatThrownBy(() -> failing.measure(1))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ended with 3");

        server.on("POST /api/chat", Loopback.problem(503, "not-ready", "Not yet."));
        AskTrial refused = trial("echo So.");
        assertThatThrownBy(() -> refused.measure(1))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Not yet.");
    }
}
