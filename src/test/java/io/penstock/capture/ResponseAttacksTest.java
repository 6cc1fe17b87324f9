package io.penstock.capture;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.stage.CallException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that may be reached answers so that time, memory or trust are spent. */
@Timeout(60)
class ResponseAttacksTest {
    private static final byte[] BLOCK = new byte[8192];
    private static final long BOMB = 50_000_000;
    private static final Duration BRIEF = Duration.ofSeconds(1);

    @Attack("endless-body")
    @ParameterizedTest
    @ValueSource(strings = {"Transfer-Encoding: chunked", "Connection: close"})
    void shouldStopReadingAtTheLimit(String framing) throws Exception {
        boolean chunked = framing.contains("chunked");
        AtomicLong sent = new AtomicLong();
        assertFailure("record.too-large", (_, out) -> {
            write(out, "HTTP/1.1 200 OK\r\n" + framing + "\r\n\r\n");
            while (true) {
                write(out, chunked ? "2000\r\n" : "");
                out.write(BLOCK);
                write(out, chunked ? "\r\n" : "");
                sent.addAndGet(BLOCK.length);
            }
        });
        assertThat(sent.get()).as("what the buffers of the network held").isLessThan(BOMB);
    }

    @Attack("body-said-to-be-too-large")
    @Test
    void shouldNotWaitForABodyThatIsSaidToBeTooLarge() throws Exception {
        try (Answering answering = new Answering((server, _, out) -> {
            write(out, "HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n");
            server.pause(20_000);
        })) {
            assertThat(answering.failure().code()).isEqualTo("record.too-large");
        }
    }

    @Attack("endless-headers")
    @Test
    void shouldNotReadHeadersWithoutEnd() throws Exception {
        assertFailure("capture.unreadable", (_, out) -> {
            write(out, "HTTP/1.1 200 OK\r\n");
            for (long i = 0; ; i++) {
                write(out, "X-" + i + ": y\r\n");
            }
        });
    }

    @Attack("endless-header")
    @Test
    void shouldNotReadOneHeaderWithoutEnd() throws Exception {
        assertFailure("capture.unreadable", (_, out) -> {
            write(out, "HTTP/1.1 200 OK\r\nX: ");
            while (true) {
                write(out, "y".repeat(1000));
            }
        });
    }

    @Attack("endless-status-line")
    @Test
    void shouldNotReadAStatusLineWithoutEnd() throws Exception {
        assertFailure("capture.unreadable", (_, out) -> {
            write(out, "HTTP/1.1 200 ");
            while (true) {
                write(out, "O".repeat(1000));
            }
        });
    }

    @Attack("endless-chunk-extension")
    @Test
    void shouldNotReadAChunkExtensionWithoutEnd() throws Exception {
        assertFailure("capture.unreadable", (_, out) -> {
            write(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=");
            while (true) {
                write(out, "y".repeat(1000));
            }
        });
    }

    @Attack("endless-interim-answers")
    @Test
    void shouldNotWaitThroughInterimAnswersWithoutEnd() throws Exception {
        try (Answering answering = new Answering(
                (server, _, out) -> {
                    do {
                        write(out, "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n");
                    } while (server.pause(5));
                },
                BRIEF)) {
            assertThat(answering.failure().code()).isEqualTo("capture.timeout");
        }
    }

    @Attack("silence")
    @Test
    void shouldNotWaitForASilentServer() throws Exception {
        try (Answering answering = new Answering((server, _, _) -> server.pause(20_000), BRIEF)) {
            assertThat(answering.failure().code()).isEqualTo("capture.timeout");
        }
    }

    @Attack("dripping-headers")
    @Test
    void shouldNotWaitForHeadersThatDrip() throws Exception {
        try (Answering answering = new Answering(
                (server, _, out) -> {
                    write(out, "HTTP/1.1 200 OK\r\nX: ");
                    do {
                        write(out, "y");
                    } while (server.pause(20));
                },
                BRIEF)) {
            assertThat(answering.failure().code()).isEqualTo("capture.timeout");
        }
    }

    @Attack("dripping-body")
    @Test
    void shouldNotWaitForABodyThatDrips() throws Exception {
        try (Answering answering = new Answering(
                (server, _, out) -> {
                    write(out, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
                    do {
                        write(out, "y");
                    } while (server.pause(20));
                },
                BRIEF)) {
            assertThat(answering.failure().code()).isEqualTo("capture.timeout");
        }
    }

    @Attack("dripping-over-redirects")
    @Test
    void shouldBoundTheTimeOfAllRedirectsTogether() throws Exception {
        try (Answering answering = new Answering(
                (server, _, out) -> {
                    server.pause(400);
                    out.write(RawServer.redirect(302, "/again"));
                },
                BRIEF)) {
            assertThat(answering.failure().code()).isEqualTo("capture.timeout");
            assertThat(answering.server.requests()).hasSizeLessThanOrEqualTo(3);
        }
    }

    @Attack("endless-error-page")
    @Test
    void shouldNotReadAnErrorPageWithoutEnd() throws Exception {
        AtomicLong sent = new AtomicLong();
        assertFailure("capture.not-found", (_, out) -> {
            write(out, "HTTP/1.1 404 Gone\r\nConnection: close\r\n\r\n");
            while (true) {
                out.write(BLOCK);
                sent.addAndGet(BLOCK.length);
            }
        });
        assertThat(sent.get()).isLessThan(BOMB);
    }

    @Attack("gzip-bomb")
    @Test
    void shouldBoundWhatComesOutOfGzip() throws Exception {
        byte[] bomb = zipped(BOMB);
        assertThat(bomb).hasSizeLessThan(AttackRig.LIMIT);
        assertFailure("record.too-large", (_, out) -> out.write(RawServer.ok("Content-Encoding: gzip", bomb)));
    }

    @Attack("nested-gzip-bomb")
    @Test
    void shouldBoundEachLayerOfGzip() throws Exception {
        byte[] inner = zipped(BOMB);
        byte[] bomb = zipped(inner);
        assertFailure("record.too-large", (_, out) -> out.write(RawServer.ok("Content-Encoding: gzip, gzip", bomb)));
    }

    @Attack("hollow-gzip-bomb")
    @Test
    void shouldBoundALayerThatAnotherLayerMakesNothingOf() throws Exception {
        // The inner layer is a short text, and behind it padding that is as good as endless.
        ByteArrayOutputStream inner = new ByteArrayOutputStream();
        inner.writeBytes(zipped(new byte[] {'x'}));
        inner.writeBytes(new byte[(int) BOMB]);
        byte[] bomb = zipped(inner.toByteArray());
        assertFailure("record.too-large", (_, out) -> out.write(RawServer.ok("Content-Encoding: gzip, gzip", bomb)));
    }

    @Attack("deflate-bomb")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldBoundWhatComesOutOfDeflate(boolean withHeader) throws Exception {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (DeflaterOutputStream out = withHeader
                ? new DeflaterOutputStream(bomb)
                : new DeflaterOutputStream(bomb, new java.util.zip.Deflater(9, true))) {
            pour(out, BOMB);
        }
        assertFailure(
                "record.too-large",
                (_, out) -> out.write(RawServer.ok("Content-Encoding: deflate", bomb.toByteArray())));
    }

    @Attack("many-codings")
    @Test
    void shouldNotUnwrapWithoutEnd() throws Exception {
        byte[] content = {'x'};
        for (int i = 0; i < 20; i++) {
            content = zipped(content);
        }
        byte[] wrapped = content;
        String codings = "Content-Encoding: gzip" + ", gzip".repeat(19);
        assertFailure("capture.unreadable", (_, out) -> out.write(RawServer.ok(codings, wrapped)));
    }

    @Attack("endless-retry-after")
    @ParameterizedTest
    @ValueSource(strings = {"99999999999999999999", "Fri, 01 May 2099 10:00:00 GMT"})
    void shouldNotBeSentAwayForEver(String wait) throws Exception {
        try (Answering answering = new Answering((_, _, out) ->
                write(out, "HTTP/1.1 429 Slowly\r\nRetry-After: " + wait + "\r\nContent-Length: 0\r\n\r\n"))) {
            assertThat(answering.failure().retryAfter()).isEqualTo(Duration.ofMinutes(10));
        }
    }

    @Attack("cookies")
    @Test
    void shouldKeepNoCookies() throws Exception {
        try (Answering answering =
                new Answering((_, _, out) -> out.write(RawServer.ok("Set-Cookie: id=7; Path=/", new byte[0])))) {
            answering.fetch();
            answering.fetch();
            assertThat(answering.server.requests()).hasSize(2).noneMatch(request -> request.contains("id=7"));
        }
    }

    @Attack("password-prompt")
    @ParameterizedTest
    @ValueSource(strings = {"Basic realm=\"x\"", "NTLM", "Negotiate"})
    void shouldAnswerNoPrompt(String challenge) throws Exception {
        try (Answering answering = new Answering((_, _, out) ->
                write(out, "HTTP/1.1 401 No\r\nWWW-Authenticate: " + challenge + "\r\nContent-Length: 0\r\n\r\n"))) {
            assertThat(answering.failure().code()).isEqualTo("capture.http-status");
            assertThat(answering.server.requests()).hasSize(1).noneMatch(request -> request.contains("Authorization"));
        }
    }

    @Attack("broken-answer")
    @ParameterizedTest
    @ValueSource(
            strings = {"SSH-2.0-OpenSSH_9.6\r\n", "HTTP/9.9 200 OK\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "\r\n\r\n\r\n"})
    void shouldNotTakeAnythingForAnAnswer(String answer) throws Exception {
        try (Answering answering = new Answering((_, _, out) -> write(out, answer))) {
            assertThat(answering.failure().code()).isIn("capture.unreadable", "capture.unreachable");
        }
    }

    @FunctionalInterface
    private interface Answer {
        void write(RawServer server, String request, OutputStream out) throws IOException, InterruptedException;
    }

    /** A server and who captures from it. */
    private static final class Answering implements AutoCloseable {
        private final RawServer server;
        private final AttackRig rig;

        Answering(Answer answer) throws IOException {
            this(answer, null);
        }

        /** @param patience how long a request may take, if that matters */
        Answering(Answer answer, @Nullable Duration patience) throws IOException {
            RawServer[] self = new RawServer[1];
            server = new RawServer((request, out) -> answer.write(self[0], request, out));
            self[0] = server;
            rig = patience == null ? new AttackRig(server.authority()) : new AttackRig(patience, server.authority());
        }

        CallException failure() {
            return Requests.failure(rig.source, Requests.http("http://" + server.authority() + "/", "x"));
        }

        void fetch() throws Exception {
            rig.fetch("http://" + server.authority() + "/");
        }

        @Override
        public void close() throws IOException {
            rig.close();
            server.close();
        }
    }

    private static void assertFailure(String code, RawServer.Script script) throws Exception {
        try (Answering answering = new Answering((_, request, out) -> script.answer(request, out))) {
            CallException failure = answering.failure();
            assertThat(failure.code()).as(failure.getMessage()).isEqualTo(code);
            assertThat(failure.isPermanent()).isTrue();
            assertThat(answering.server.requests()).hasSize(1);
        }
    }

    private static byte[] zipped(long zeros) throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
            pour(out, zeros);
        }
        return zipped.toByteArray();
    }

    private static byte[] zipped(byte[] content) throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
            out.write(content);
        }
        return zipped.toByteArray();
    }

    private static void pour(OutputStream out, long zeros) throws IOException {
        for (long left = zeros; left > 0; left -= BLOCK.length) {
            out.write(BLOCK, 0, (int) Math.min(left, BLOCK.length));
        }
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(ISO_8859_1));
        out.flush();
    }
}
