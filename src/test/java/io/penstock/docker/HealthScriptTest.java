package io.penstock.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The health check of the image says what {@code /q/health/ready} says. */
@Timeout(30)
class HealthScriptTest {
    @BeforeAll
    static void assumeThatThereIsBash() {
        assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "there is no /bin/bash to run docker/health.sh");
    }

    @ParameterizedTest
    @CsvSource({"200, 0", "503, 1", "404, 1"})
    void shouldEndAsTheAnswerIs(int status, int exitCode) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/q/health/ready", exchange -> {
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        });
        server.start();
        try {
            assertThat(check(server.getAddress().getPort())).isEqualTo(exitCode);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void shouldFailWhenNothingListens() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        assertThat(check(port)).isEqualTo(1);
    }

    @Test
    void shouldFailWhenNothingAnswers() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(check(silent.getLocalPort())).isEqualTo(1);
        }
    }

    private static int check(int port) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("docker/health.sh").redirectErrorStream(true);
        builder.environment().put("PENSTOCK_PORT", Integer.toString(port));
        Process process = builder.start();
        assertThat(process.waitFor(10, TimeUnit.SECONDS))
                .as("it ends by itself")
                .isTrue();
        assertThat(process.getInputStream().readAllBytes()).isEmpty();
        return process.exitValue();
    }
}
