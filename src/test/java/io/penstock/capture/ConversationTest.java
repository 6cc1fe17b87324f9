package io.penstock.capture;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.penstock.stage.CallException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ConversationTest {
    private static final Duration PACE = Duration.ofMillis(60);

    private final List<String> paced = new CopyOnWriteArrayList<>();
    private RawServer server;
    private Outbound outbound;

    @BeforeEach
    void start() throws IOException {
        server = new RawServer((request, out) -> {
            switch (request.split(" ", 3)[1]) {
                case "/there" -> out.write(RawServer.redirect(302, "/here"));
                case "/busy" -> out.write(status("429 Slowly\r\nRetry-After: 5"));
                case "/down" -> out.write(status("503 Down"));
                case "/faulty" -> out.write(status("500 Oops"));
                case "/reset" -> throw new RawServer.ResetException();
                case "/loopback" -> out.write(RawServer.redirect(302, "http://10.0.0.1/"));
                default -> out.write(RawServer.ok("X: y", "found".getBytes(ISO_8859_1)));
            }
        });
        outbound = new Outbound(
                CaptureSettings.of(Path.of("config")).withHosts(Set.of("127.0.0.1")),
                InstantSource.system(),
                processor -> {
                    paced.add(processor);
                    return PACE;
                });
    }

    @AfterEach
    void stop() throws IOException {
        outbound.close();
        server.close();
    }

    @Test
    void shouldKeepThePaceOfItsProcessorFromTheSecondRequestOn() throws Exception {
        Conversation conversation = outbound.begin("p");
        send(conversation, "/here");
        assertThat(paced).isEmpty();

        long begin = System.nanoTime();
        HttpReply reply = send(conversation, "/there");

        assertThat(paced).containsExactly("p", "p");
        assertThat(System.nanoTime() - begin).isGreaterThanOrEqualTo(2 * PACE.toNanos());
        assertThat(reply.uri()).hasPath("/here");
        assertThat(outbound.counters().requests()).isEqualTo(3);
        assertThat(outbound.received().bytesReceived()).isEqualTo(2L * "found".length());
    }

    @Test
    void shouldGiveUpForGoodInsteadOfWaitingForAPaceThatDoesNotFitIntoTheTimeOfAnEntry() throws Exception {
        try (Outbound slow = new Outbound(
                CaptureSettings.of(Path.of("config")).withHosts(Set.of("127.0.0.1")),
                InstantSource.system(),
                processor -> Duration.ofMinutes(11))) {
            Conversation conversation = slow.begin("p");
            send(conversation, "/here");

            CallException failure = failure(conversation, "/here");

            assertThat(failure.code()).isEqualTo("capture.too-slow");
            assertThat(failure.isPermanent()).as("another attempt begins anew").isTrue();
            assertThat(failure).hasMessageContainingAll("10 minutes", "api_rate_limit", "batch_size", "pages.most");
            assertThat(slow.counters().requests()).isEqualTo(1);
        }
    }

    @Test
    void shouldChangeEachRequestAtTheMomentOfSending() throws Exception {
        outbound.begin("p")
                .send(
                        outgoing("/there"),
                        outgoing -> new HttpRequests.Outgoing(
                                outgoing.uri(),
                                outgoing.method(),
                                Map.of("If-None-Match", outgoing.uri().getPath()),
                                null),
                        Duration.ofMinutes(1));

        assertThat(server.requests().get(0)).contains("If-None-Match: /there\r\n");
        assertThat(server.requests().get(1)).contains("If-None-Match: /here\r\n");
    }

    @Test
    void shouldLeaveAServerAloneThatAskedItsProcessorTo() throws Exception {
        assertThat(send(outbound.begin("p"), "/busy").statusCode()).isEqualTo(429);

        CallException held = failure(outbound.begin("p"), "/here");
        assertThat(held.code()).isEqualTo("capture.host-busy");
        assertThat(held.isDeferred()).isTrue();
        assertThat(held.retryAfter()).isBetween(Duration.ofSeconds(3), Duration.ofSeconds(5));
        send(outbound.begin("q"), "/here");
        assertThat(server.requests()).hasSize(2);
    }

    @Test
    void shouldLeaveAServerAloneThatIsDown() throws Exception {
        for (int i = 0; i < HostGate.FEWEST_JUDGED / 2; i++) {
            send(outbound.begin("p"), "/down");
            assertThat(failure(outbound.begin("p"), "/reset").code()).isEqualTo("capture.unreachable");
        }

        CallException down = failure(outbound.begin("q"), "/here");
        assertThat(down.code()).isEqualTo("capture.host-down");
        assertThat(down.isDeferred()).isTrue();
        assertThat(server.requests()).hasSize(HostGate.FEWEST_JUDGED);
        assertThat(outbound.hosts().paused()).isOne();
    }

    @Test
    void shouldTakeAServerForDownThatNobodyListensAt() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        HttpRequests.Outgoing nowhere =
                new HttpRequests.Outgoing(URI.create("http://127.0.0.1:" + port + "/"), "GET", Map.of(), null);
        for (int i = 0; i < HostGate.FEWEST_JUDGED; i++) {
            assertThat(failure(outbound.begin("p"), nowhere).code()).isEqualTo("capture.unreachable");
        }
        assertThat(failure(outbound.begin("p"), nowhere).code()).isEqualTo("capture.host-down");
    }

    @Test
    void shouldNotTakeAServerForDownBecauseOfWhatItSays() throws Exception {
        for (int i = 0; i < HostGate.FEWEST_JUDGED; i++) {
            send(outbound.begin("p"), "/faulty");
            assertThat(failure(outbound.begin("p"), "/loopback").code()).isEqualTo("capture.refused");
        }
        assertThat(send(outbound.begin("p"), "/here").isSuccess()).isTrue();
        assertThat(outbound.counters().refused()).isEqualTo(HostGate.FEWEST_JUDGED);
    }

    private HttpReply send(Conversation conversation, String path) throws Exception {
        return conversation.send(outgoing(path), UnaryOperator.identity(), Duration.ofMinutes(1));
    }

    private HttpRequests.Outgoing outgoing(String path) {
        return new HttpRequests.Outgoing(URI.create("http://" + server.authority() + path), "GET", Map.of(), null);
    }

    private CallException failure(Conversation conversation, String path) {
        return failure(conversation, outgoing(path));
    }

    private static CallException failure(Conversation conversation, HttpRequests.Outgoing outgoing) {
        CallException failure = catchThrowableOfType(
                CallException.class,
                () -> conversation.send(outgoing, UnaryOperator.identity(), Duration.ofMinutes(1)));
        if (failure == null) {
            throw new AssertionError("there was an answer");
        }
        return failure;
    }

    private static byte[] status(String status) {
        return ("HTTP/1.1 " + status + "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").getBytes(ISO_8859_1);
    }
}
