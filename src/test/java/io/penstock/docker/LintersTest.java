package io.penstock.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What other people's tools say about scripts and container files, where those tools are installed. */
@Timeout(60)
class LintersTest {
    @Test
    void shouldSatisfyShellcheck() throws Exception {
        assumeThatRuns("shellcheck", "--version");
        assertClean("shellcheck", "penstock", "docker/start.sh", "docker/health.sh");
    }

    @Test
    void shouldSatisfyHadolint() throws Exception {
        assumeThatRuns("hadolint", "--version");
        assertClean("hadolint", "docker/Dockerfile");
    }

    @Test
    void shouldBeAComposeFileToDockerCompose() throws Exception {
        assumeThatRuns("docker", "compose", "version");
        assertClean("docker", "compose", "--file", "docker/compose.yaml", "config", "--quiet");
    }

    private static void assumeThatRuns(String... command) throws InterruptedException {
        String line = String.join(" ", command);
        try {
            assumeTrue(run(command).code() == 0, "`" + line + "` does not run on this machine");
        } catch (IOException e) {
            assumeTrue(false, command[0] + " is not installed on this machine");
        }
    }

    private static void assertClean(String... command) throws IOException, InterruptedException {
        Ended ended = run(command);
        assertThat(ended.code()).as(ended.output()).isZero();
    }

    private record Ended(int code, String output) {}

    private static Ended run(String... command) throws IOException, InterruptedException {
        List<String> words = Arrays.asList(command);
        ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
        builder.environment().put("PENSTOCK_API_KEY", "a-key");
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(words + " did not end");
        }
        return new Ended(process.exitValue(), output);
    }
}
