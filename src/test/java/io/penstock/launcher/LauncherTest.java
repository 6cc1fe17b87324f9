package io.penstock.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code ./penstock up} alone, with {@code --instances} and with {@code --roles}. */
@Timeout(120)
class LauncherTest {
    private static final String KEY_PATTERN = "[0-9a-f]{48}";

    @TempDir
    private Path folder;

    private int port;

    @BeforeAll
    static void assumeThatThereIsBash() {
        assumeTrue(
                FileSystems.getDefault().supportedFileAttributeViews().contains("posix"),
                "the launcher is a bash script, and this is no POSIX machine");
    }

    @BeforeEach
    void chooseAPort() throws IOException {
        port = freePorts();
    }

    /** The first of three free ports, with a fourth that is 100 further; the system gives none of them to who asks for any. */
    private static int freePorts() throws IOException {
        for (int attempt = 0; attempt < 50; attempt++) {
            int first = ThreadLocalRandom.current().nextInt(10_000, 30_000);
            if (List.of(0, 1, 2, 100).stream().allMatch(offset -> isFree(first + offset))) {
                return first;
            }
        }
        throw new IOException("there are no free ports");
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private Launched launched() throws IOException, InterruptedException {
        return new Launched(folder).with("PENSTOCK_PORT", port).with("PENSTOCK_KAFKA_PORT", 19092);
    }

    @Test
    void shouldBecomeTheApplicationWhenItRunsAlone() throws Exception {
        try (Launched launcher = launched().start("up")) {
            launcher.awaitPrinted("PENSTOCK_PORT=" + port);
            assertThat(launcher.printed()).doesNotContain("PENSTOCK_ROLES", " | ");

            assertThat(launcher.end("TERM")).isEqualTo(143);
            assertThat(launcher.journal()).containsExactly("started alone " + port, "stopped alone " + port);
        }
    }

    @Test
    void shouldStartABrokerAndThenEachRoleAndStopThemInTheOppositeOrder() throws Exception {
        try (Launched launcher = launched().start("up", "--roles")) {
            launcher.awaitPrinted("Ctrl-C stops all.");

            assertThat(launcher.journal())
                    .containsExactly(
                            "started broker " + (port + 100),
                            "started gateway " + port,
                            "started processors " + (port + 1),
                            "started rag " + (port + 2));
            assertThat(launcher.printed().lines())
                    .filteredOn(line -> line.startsWith("rag        | {"))
                    .singleElement()
                    .asString()
                    .contains(
                            "KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:19092",
                            "PENSTOCK_ADVERTISED_URL=http://127.0.0.1:" + (port + 2),
                            "PENSTOCK_DATA=data/rag",
                            "PENSTOCK_API_KEY="
                                    + launcher.text(launcher.data("api-key")).strip());
            assertThat(launcher.printed().lines())
                    .filteredOn(line -> line.startsWith("broker     | {"))
                    .singleElement()
                    .asString()
                    .contains("PENSTOCK_KAFKA_PORT=19092", "PENSTOCK_DATA=data/broker")
                    .doesNotContain("KAFKA_BOOTSTRAP_SERVERS");

            assertThat(launcher.end("TERM")).isEqualTo(143);
            assertThat(launcher.printed()).endsWith("penstock: all processes have ended\n");
            assertThat(launcher.journal()).hasSize(8).last().isEqualTo("stopped broker " + (port + 100));
            assertThat(launcher.data("rag/pid")).doesNotExist();
        }
    }

    @Test
    void shouldMakeOneKeyThatOnlyItsOwnerCanReadAndKeepIt() throws Exception {
        try (Launched launcher = launched().start("up", "--instances", "1")) {
            launcher.awaitPrinted("Ctrl-C stops all.");
            Path file = launcher.data("api-key");
            String key = launcher.text(file).strip();
            assertThat(key).matches(KEY_PATTERN);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            assertThat(launcher.printed().replaceAll("(?m)^.* \\| .*$", "")).doesNotContain(key);
            launcher.end("TERM");

            launcher.start("up", "--instances", "1").awaitPrinted("Ctrl-C stops all.");
            assertThat(launcher.text(file).strip()).isEqualTo(key);
            launcher.end("TERM");
        }
    }

    @Test
    void shouldStopAllOnCtrlC() throws Exception {
        // Shells let no script see a signal that was ignored when they started, as it is in what runs in the
        // background.
        Process probe = new ProcessBuilder("bash", "-c", "trap 'exit 7' INT; kill -INT $$; exit 0").start();
        assumeTrue(probe.waitFor() == 7, "the signal INT is ignored here: the tests run in the background of a script");
        try (Launched launcher = launched().start("up", "--instances", "1")) {
            launcher.awaitPrinted("Ctrl-C stops all.");
            assertThat(launcher.end("INT")).isEqualTo(130);
            assertThat(launcher.journal()).endsWith("stopped all " + port, "stopped broker " + (port + 100));
        }
    }

    @Test
    void shouldStartAgainWhatWasKilledAndLeaveTheOthersAlone() throws Exception {
        try (Launched launcher = launched().start("up", "--instances", "2")) {
            launcher.awaitPrinted("Ctrl-C stops all.");
            long first = launcher.pid("instance-1");
            long second = launcher.pid("instance-2");

            Launched.output("kill", "-9", Long.toString(second));

            launcher.awaitPrinted("instance-2 (process " + second + ") has ended with 137; starting it again in 1 s");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> launcher.journal().size() == 4);
            assertThat(launcher.journal()).last().isEqualTo("started all " + (port + 1));
            assertThat(launcher.pid("instance-2")).isNotEqualTo(second);
            assertThat(launcher.pid("instance-1")).isEqualTo(first);
            assertThat(launcher.end("TERM")).isEqualTo(143);
        }
    }

    @Test
    void shouldStopAllWhenOneCannotStart() throws Exception {
        try (Launched launcher = launched().with("STAND_IN_FAILS", port + 1).start("up", "--instances", "2")) {
            assertThat(launcher.awaitEnd()).isEqualTo(1);
            assertThat(launcher.printed())
                    .contains(
                            "instance-2 | penstock: The port " + (port + 1) + " is taken.",
                            "penstock: instance-2 has ended before it was ready");
            assertThat(launcher.journal()).contains("stopped all " + port, "stopped broker " + (port + 100));
        }
    }

    @Test
    void shouldStartNoBrokerBesideAKafkaOfYourOwn() throws Exception {
        try (Launched launcher = launched()
                .with("KAFKA_BOOTSTRAP_SERVERS", "kafka.example.org:9092")
                .start("up", "--instances", "1")) {
            launcher.awaitPrinted("Ctrl-C stops all.");
            assertThat(launcher.journal()).containsExactly("started all " + port);
            assertThat(launcher.printed()).contains("KAFKA_BOOTSTRAP_SERVERS=kafka.example.org:9092");
            launcher.end("TERM");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "up --instances",
                "up --instances 0",
                "up --instances 10",
                "up --instances x",
                "up --roles all",
                "up --role",
                "up 3",
                "nothing"
            })
    void shouldRefuseWhatItDoesNotKnow(String line) throws Exception {
        try (Launched launcher = launched().start(line.split(" ", -1))) {
            assertThat(launcher.awaitEnd()).isEqualTo(2);
            assertThat(launcher.printed()).startsWith("penstock: ").contains("usage: ./penstock COMMAND");
        }
    }

    @Test
    void shouldNameAPortThatIsNone() throws Exception {
        try (Launched launcher = launched().with("PENSTOCK_PORT", 0).start("up", "--roles")) {
            assertThat(launcher.awaitEnd()).isEqualTo(1);
            assertThat(launcher.printed()).startsWith("penstock: PENSTOCK_PORT is a port from 1 to 65535");
        }
    }
}
