package io.penstock.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Streams of a real server to sockets. */
@Timeout(60)
class EventStreamTest {
    private static final int PIECE = 64 * 1024;

    private final Vertx vertx = Vertx.vertx();
    private final BlockingQueue<EventStream> streams = new LinkedBlockingQueue<>();
    private Duration heartbeat = Duration.ofMinutes(1);
    private HttpServer server;

    @BeforeEach
    void listen() {
        server = vertx.createHttpServer()
                .requestHandler(request -> streams.add(new EventStream(vertx, request, heartbeat)))
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private Socket connect(int receiveBuffer) throws IOException {
        Socket socket = new Socket();
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.actualPort()));
        socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: here\r\n\r\n".getBytes(UTF_8));
        return socket;
    }

    private EventStream stream() throws InterruptedException {
        EventStream stream = streams.poll(30, TimeUnit.SECONDS);
        if (stream == null) {
            throw new AssertionError("no request came");
        }
        return stream;
    }

    private static void send(EventStream stream, String id, String text) {
        stream.event("text", id, JsonNodeFactory.instance.objectNode().put("text", text));
    }

    /** Up to and with the line. */
    private static List<String> linesUntil(Socket socket, String last) throws IOException {
        BufferedReader reader = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
        List<String> lines = new ArrayList<>();
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            lines.add(line);
            if (line.equals(last)) {
                return lines;
            }
        }
        throw new AssertionError("The stream ended with " + lines);
    }

    @Test
    void shouldWriteEventsAndTheEnd() throws Exception {
        try (Socket socket = connect(0)) {
            EventStream stream = stream();
            send(stream, "1-2-3-r", "before it was opened");
            stream.open();
            stream.event("done", null, JsonNodeFactory.instance.objectNode());
            stream.end();

            List<String> lines = linesUntil(socket, "0");

            assertThat(lines)
                    .startsWith("HTTP/1.1 200 OK")
                    .anyMatch(line -> line.equalsIgnoreCase("content-type: text/event-stream;charset=UTF-8"))
                    .anyMatch(line -> line.equalsIgnoreCase("cache-control: no-store"))
                    .containsSubsequence(
                            "id: 1-2-3-r",
                            "event: text",
                            "data: {\"text\":\"before it was opened\"}",
                            "",
                            "event: done",
                            "data: {}",
                            "",
                            "0");
        }
    }

    @Test
    void shouldWriteTheHeadBeforeThereIsAnEvent() throws Exception {
        try (Socket socket = connect(0)) {
            stream().open();

            assertThat(linesUntil(socket, ":")).startsWith("HTTP/1.1 200 OK");
        }
    }

    @Test
    void shouldSendCommentsWhileThereIsNothingToSay() throws Exception {
        heartbeat = Duration.ofMillis(20);
        try (Socket socket = connect(0)) {
            EventStream stream = stream();
            stream.open();
            send(stream, "1-2-3-r", "hello");

            linesUntil(socket, "data: {\"text\":\"hello\"}");

            assertThat(linesUntil(socket, ":")).isNotEmpty();
        }
    }

    @Test
    void shouldTellOnceThatTheClientHasGone() throws Exception {
        heartbeat = Duration.ofMillis(20);
        BlockingQueue<String> gone = new LinkedBlockingQueue<>();
        EventStream stream;
        try (Socket socket = connect(0)) {
            stream = stream();
            stream.onGone(() -> gone.add("gone"));
            stream.open();
            linesUntil(socket, ":");
            assertThat(gone).isEmpty();
        }

        assertThat(gone.poll(30, TimeUnit.SECONDS)).isEqualTo("gone");
        send(stream, "1-2-3-r", "into the void");
        stream.end();
        CountDownLatch later = new CountDownLatch(1);
        stream.onGone(later::countDown);
        assertThat(later.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(gone).isEmpty();
    }

    @Test
    void shouldTellNobodyWhenTheClientGoesAfterTheEnd() throws Exception {
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        try (Socket socket = connect(0)) {
            EventStream stream = stream();
            stream.onGone(() -> told.add("gone"));
            stream.open();
            stream.end();
            linesUntil(socket, "0");
        }
        try (Socket socket = connect(0)) { // served after the connection before was closed
            EventStream stream = stream();
            stream.open();
            linesUntil(socket, ":");
        }
        assertThat(told).isEmpty();
    }

    @Test
    void shouldCutOffAClientThatTakesNothing() throws Exception {
        CountDownLatch gone = new CountDownLatch(1);
        try (Socket socket = connect(4_096)) {
            EventStream stream = stream();
            stream.onGone(gone::countDown);
            stream.open();
            int sent = 0;
            // What the two ends of the connection buffer, and then 1 MiB here.
            while (!gone.await(1, TimeUnit.MILLISECONDS) && sent < 1_000) {
                send(stream, "1-2-" + sent++ + "-r", "x".repeat(PIECE));
            }

            assertThat(sent).isBetween(1024 * 1024 / PIECE, 500);
            assertThat(socket.isConnected()).isTrue();
        }
    }

    @Test
    void shouldGiveAClientThatTakesItsTimeEverythingInOrder() throws Exception {
        try (Socket socket = connect(4_096)) {
            EventStream stream = stream();
            stream.open();
            for (int i = 0; i < 12; i++) {
                send(stream, "1-" + i + "-1-r", "x".repeat(PIECE));
            }
            stream.end();

            List<String> ids = linesUntil(socket, "0").stream()
                    .filter(line -> line.startsWith("id: "))
                    .toList();

            assertThat(ids)
                    .hasSize(12)
                    .isSortedAccordingTo((one, other) -> Integer.compare(number(one), number(other)));
        }
    }

    private static int number(String line) {
        return Integer.parseInt(line.split("-", -1)[1]);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "text/event-stream | true",
                "Text/Event-Stream; q=0.5 | true",
                "text/event-stream, application/json | true",
                "application/json, text/event-stream | false",
                "application/json;q=0.5, text/event-stream | true",
                "text/event-stream;q=0.1, application/json;q=0.9 | false",
                "text/event-stream;q=0 | false",
                "*/* | false",
                "application/json | false"
            })
    void shouldBeWantedWhenItIsAccepted(String accept, boolean wanted) {
        assertThat(EventStream.isWanted(accept)).isEqualTo(wanted);
    }

    @Test
    void shouldNotBeWantedWhenNothingIsSaid() {
        assertThat(EventStream.isWanted(null)).isFalse();
    }
}
