package io.penstock.capture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.penstock.schema.SourceConfig;
import io.penstock.stage.CallException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpSourceTest {
    private static final Instant NOW = Instant.parse("2026-05-01T10:00:00Z");
    private static final int LIMIT = 100_000;

    private final CountDownLatch end = new CountDownLatch(1);
    private final List<Seen> seen = new CopyOnWriteArrayList<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private HttpServer server;
    private String base;
    private CaptureSettings settings;
    private HttpSource source;

    private record Seen(String method, String rawUri, Map<String, List<String>> headers, String body) {}

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.start();
        int port = server.getAddress().getPort();
        base = "http://127.0.0.1:" + port;
        settings = CaptureSettings.of(Path.of("config"))
                .withHosts(Set.of("127.0.0.1:" + port))
                .withLimits(LIMIT, 2 * LIMIT)
                .withTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(10));
        source = new HttpSource(settings, InstantSource.fixed(NOW));
    }

    @AfterEach
    void stop() {
        end.countDown();
        source.close();
        server.stop(0);
        threads.shutdownNow();
    }

    @Test
    void shouldCaptureContentTypeAndValidators() throws Exception {
        answer("/a", exchange -> {
            exchange.getResponseHeaders().add("Content-Type", "text/html; charset=iso-8859-1");
            exchange.getResponseHeaders().add("ETag", "\"7\"");
            send(exchange, 200, "<p>Hello");
        });

        CapturedContent content = source.fetch(Requests.http(base + "/a", "x")).only();

        assertThat(content.content()).isEqualTo("<p>Hello".getBytes(UTF_8));
        assertThat(content.contentType()).isEqualTo("text/html; charset=iso-8859-1");
        assertThat(content.uri()).isEqualTo(base + "/a");
        assertThat(content.attributes()).containsEntry("etag", "\"7\"").containsEntry("http_status", "200");
    }

    @Test
    void shouldEncodeWhatEntersTheUrl() throws Exception {
        answer("/", exchange -> send(exchange, 200, "ok"));

        source.fetch(Requests.http(base + "/s/{value}?q={value}&l={label}", "a/b?c&d=é #%"));

        assertThat(seen.getFirst().rawUri())
                .isEqualTo("/s/a%2Fb%3Fc%26d%3D%C3%A9%20%23%25?q=a%2Fb%3Fc%26d%3D%C3%A9%20%23%25"
                        + "&l=Label%20of%20a%2Fb%3Fc%26d%3D%C3%A9%20%23%25");
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", "."})
    void shouldRefuseValuesThatClimbInThePath(String value) {
        assertFailure(Requests.http(base + "/public/{value}/x", value), "capture.refused", true);
    }

    @Test
    void shouldPostABodyWithValuesThatStayInsideTheirStrings() throws Exception {
        answer("/", exchange -> send(exchange, 200, "ok"));
        SourceConfig post = Requests.source("http", base + "/")
                .setMethod("POST")
                .setBody("{\"q\": \"{value}\"}")
                .setHeaders(Map.of("X-Label", "{label}"))
                .build();

        source.fetch(Requests.of(post, "a\", \"admin\": \"b"));

        Seen request = seen.getFirst();
        assertThat(request.method()).isEqualTo("POST");
        assertThat(request.body()).isEqualTo("{\"q\": \"a\\\", \\\"admin\\\": \\\"b\"}");
        assertThat(request.headers().get("Content-type")).containsExactly("application/json; charset=utf-8");
        assertThat(request.headers().get("X-label")).containsExactly("Label of a\", \"admin\": \"b");
    }

    @Test
    void shouldRefuseAValueThatBreaksTheLineOfAHeader() {
        SourceConfig config = Requests.source("http", base + "/")
                .setHeaders(Map.of("X-Value", "{value}"))
                .build();

        assertFailure(Requests.of(config, "a\r\nX-Admin: yes"), "capture.refused", true);
    }

    @Test
    void shouldRefuseHeadersOfTheClient() {
        SourceConfig config = Requests.source("http", base + "/")
                .setHeaders(Map.of("Host", "intern.example"))
                .build();

        assertFailure(Requests.of(config, "a"), "capture.refused", true);
    }

    @Test
    void shouldRefuseAnAddressThatIsNotPublicUnlessItIsAllowedByName() {
        answer("/", exchange -> send(exchange, 200, "secret"));
        try (HttpSource strict = new HttpSource(settings.withHosts(Set.of()), InstantSource.fixed(NOW))) {
            CallException failure = Requests.failure(strict, Requests.http(base + "/", "x"));

            assertThat(failure.code()).isEqualTo("capture.refused");
            assertThat(failure.isPermanent()).isTrue();
            assertThat(failure).hasMessageContaining("PENSTOCK_CAPTURE_HOSTS");
        }
        assertThat(seen).isEmpty();
    }

    @Test
    void shouldCheckTheAddressAgainOnEachRedirect() {
        answer("/", exchange -> {
            exchange.getResponseHeaders().add("Location", "http://169.254.169.254/latest/meta-data/");
            send(exchange, 302, "");
        });

        assertFailure(Requests.http(base + "/", "x"), "capture.refused", true);
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///etc/passwd", "ftp://public.example/", "http://u:p@public.example/"})
    void shouldRefuseRedirectsToOtherSchemesAndUsers(String target) {
        answer("/", exchange -> {
            exchange.getResponseHeaders().add("Location", target);
            send(exchange, 301, "");
        });

        assertFailure(Requests.http(base + "/", "x"), "capture.refused", true);
    }

    @Test
    void shouldFollowRedirectsAndSayWhereItArrived() throws Exception {
        answer("/a", exchange -> {
            exchange.getResponseHeaders().add("Location", "b/c");
            send(exchange, 303, "");
        });
        answer("/b/c", exchange -> send(exchange, 200, "there"));
        SourceConfig post = Requests.source("http", base + "/a")
                .setMethod("POST")
                .setBody("x")
                .build();

        CapturedContent content = source.fetch(Requests.of(post, "v")).only();

        assertThat(content.uri()).isEqualTo(base + "/b/c");
        assertThat(seen).extracting(Seen::method).containsExactly("POST", "GET");
    }

    @Test
    void shouldKeepConfiguredHeadersFromAnotherServer() throws Exception {
        HttpServer other = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        other.setExecutor(threads);
        other.createContext("/", exchange -> {
            record(exchange);
            send(exchange, 200, "there");
        });
        other.start();
        int port = other.getAddress().getPort();
        answer("/", exchange -> {
            exchange.getResponseHeaders().add("Location", "http://127.0.0.1:" + port + "/");
            send(exchange, 307, "");
        });
        SourceConfig config = Requests.source("http", base + "/")
                .setHeaders(Map.of("Authorization", "Bearer key", "Accept", "text/html"))
                .build();
        try (HttpSource both = new HttpSource(settings.withHosts(Set.of("127.0.0.1")), InstantSource.fixed(NOW))) {
            both.fetch(Requests.of(config, "x"));
        } finally {
            other.stop(0);
        }

        assertThat(seen.get(0).headers().get("Authorization")).containsExactly("Bearer key");
        assertThat(seen.get(1).headers()).doesNotContainKey("Authorization");
        assertThat(seen.get(1).headers().get("Accept")).containsExactly("text/html");
    }

    @Test
    void shouldGiveUpOnRedirectsWithoutEnd() {
        answer("/", exchange -> {
            exchange.getResponseHeaders().add("Location", "/again");
            send(exchange, 302, "");
        });

        assertFailure(Requests.http(base + "/", "x"), "capture.http-status", true);
        assertThat(seen).hasSize(6);
    }

    @ParameterizedTest
    @CsvSource({
        "404, capture.not-found, true",
        "410, capture.not-found, true",
        "400, capture.http-status, true",
        "401, capture.http-status, true",
        "403, capture.http-status, true",
        "408, capture.http-status, false",
        "429, capture.http-status, false",
        "500, capture.http-status, false",
        "502, capture.http-status, false",
        "503, capture.http-status, false",
    })
    void shouldTellByTheStatusWhetherToTryAgain(int status, String code, boolean permanent) {
        answer("/", exchange -> send(exchange, status, "no"));

        assertFailure(Requests.http(base + "/", "x"), code, permanent);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            7                             | 7
            0                             | 0
            99999999999999999999          | 600
            Fri, 1 May 2026 10:00:30 GMT  | 30
            Fri, 1 May 2026 09:00:00 GMT  | 0
            """)
    void shouldHonourRetryAfter(String header, long seconds) {
        answer("/", exchange -> {
            exchange.getResponseHeaders().add("Retry-After", header);
            send(exchange, 429, "slowly");
        });

        assertThat(Requests.failure(source, Requests.http(base + "/", "x")).retryAfter())
                .isEqualTo(Duration.ofSeconds(seconds));
    }

    @Test
    void shouldIgnoreARetryAfterThatIsNone() {
        answer("/", exchange -> {
            exchange.getResponseHeaders().add("Retry-After", "soon");
            send(exchange, 503, "");
        });

        CallException failure = Requests.failure(source, Requests.http(base + "/", "x"));
        assertThat(failure.retryAfter()).isNull();
        assertThat(failure.isPermanent()).isFalse();
    }

    @Test
    void shouldStopAtTheSizeLimit() throws Exception {
        answer("/exact", exchange -> send(exchange, 200, "x".repeat(LIMIT)));
        answer("/endless", HttpSourceTest::sendWithoutEnd);

        assertThat(source.fetch(Requests.http(base + "/exact", "x")).only().content())
                .hasSize(LIMIT);
        assertFailure(Requests.http(base + "/endless", "x"), "record.too-large", true);
    }

    @Test
    void shouldNotReadAnEndlessErrorPage() {
        answer("/", exchange -> {
            exchange.sendResponseHeaders(404, 0);
            pour(exchange);
        });

        assertFailure(Requests.http(base + "/", "x"), "capture.not-found", true);
    }

    @Test
    void shouldDecompressWithinTheLimit() throws Exception {
        answer("/good", exchange -> sendZipped(exchange, 1000));
        answer("/bomb", exchange -> sendZipped(exchange, 50_000_000));
        answer("/broken", exchange -> {
            exchange.getResponseHeaders().add("Content-Encoding", "gzip");
            send(exchange, 200, "this is not gzip");
        });
        answer("/other", exchange -> {
            exchange.getResponseHeaders().add("Content-Encoding", "br");
            send(exchange, 200, "?");
        });

        assertThat(source.fetch(Requests.http(base + "/good", "x")).only().content())
                .hasSize(1000);
        assertFailure(Requests.http(base + "/bomb", "x"), "record.too-large", true);
        assertFailure(Requests.http(base + "/broken", "x"), "capture.unreadable", false);
        assertFailure(Requests.http(base + "/other", "x"), "capture.unreadable", true);
    }

    @Test
    void shouldTimeOutWhenHeadersOrTheRestOfTheBodyDoNotCome() {
        answer("/silent", exchange -> awaitEnd());
        answer("/half", exchange -> {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write('x');
            exchange.getResponseBody().flush();
            awaitEnd();
        });
        CaptureSettings impatient = settings.withTimeouts(Duration.ofMillis(300), Duration.ofMillis(300));
        try (HttpSource hasty = new HttpSource(impatient, InstantSource.fixed(NOW))) {
            for (String path : List.of("/silent", "/half")) {
                CallException failure = Requests.failure(hasty, Requests.http(base + path, "x"));
                assertThat(failure.code()).isEqualTo("capture.timeout");
                assertThat(failure.isPermanent()).isFalse();
            }
        }
    }

    @Test
    void shouldTryAgainWhenNobodyListens() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        try (HttpSource open = new HttpSource(settings.withHosts(Set.of("127.0.0.1")), InstantSource.fixed(NOW))) {
            CallException failure = Requests.failure(open, Requests.http("http://127.0.0.1:" + port + "/?key=s3", "x"));

            assertThat(failure.code()).isEqualTo("capture.unreachable");
            assertThat(failure.isPermanent()).isFalse();
            assertThat(failure.getMessage()).doesNotContain("s3");
        }
    }

    @Test
    void shouldTryAgainWhenTheConnectionBreaks() {
        answer("/", exchange -> {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write('x');
            throw new IOException("broken on purpose");
        });

        assertFailure(Requests.http(base + "/", "x"), "capture.unreachable", false);
    }

    @Test
    void shouldStopWhenInterrupted() {
        CountDownLatch arrived = new CountDownLatch(1);
        Thread caller = Thread.currentThread();
        answer("/", exchange -> {
            arrived.countDown();
            caller.interrupt();
            awaitEnd();
        });

        assertThatThrownBy(() -> source.fetch(Requests.http(base + "/", "x"))).isInstanceOf(InterruptedException.class);
        assertThat(arrived.getCount()).isZero();
    }

    private void answer(String path, HttpHandler handler) {
        server.createContext(path, exchange -> {
            record(exchange);
            try (exchange) {
                handler.handle(exchange);
            }
        });
    }

    private void record(HttpExchange exchange) throws IOException {
        seen.add(new Seen(
                exchange.getRequestMethod(),
                exchange.getRequestURI().toString(),
                Map.copyOf(exchange.getRequestHeaders()),
                new String(exchange.getRequestBody().readAllBytes(), UTF_8)));
    }

    private void awaitEnd() {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void send(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(UTF_8);
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    private static void sendWithoutEnd(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        pour(exchange);
    }

    private static void pour(HttpExchange exchange) throws IOException {
        byte[] block = new byte[8192];
        while (true) {
            exchange.getResponseBody().write(block); // ends when the other side hangs up
        }
    }

    private static void sendZipped(HttpExchange exchange, int bytes) throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
            byte[] block = new byte[1000];
            for (int sent = 0; sent < bytes; sent += block.length) {
                out.write(block);
            }
        }
        exchange.getResponseHeaders().add("Content-Encoding", "gzip");
        exchange.sendResponseHeaders(200, zipped.size());
        try (OutputStream out = exchange.getResponseBody()) {
            zipped.writeTo(out);
        }
    }

    private void assertFailure(CaptureRequest request, String code, boolean permanent) {
        CallException failure = Requests.failure(source, request);
        assertThat(failure.code()).as(String.valueOf(failure.getMessage())).isEqualTo(code);
        assertThat(failure.isPermanent()).isEqualTo(permanent);
    }
}
