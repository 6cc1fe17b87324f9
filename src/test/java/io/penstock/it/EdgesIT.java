package io.penstock.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.EOFException;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What clients meet before any of Penstock's calls: limits, slow clients, other origins, pages of errors. */
@Timeout(120)
@ExtendWith(EdgePenstock.class)
class EdgesIT {
    private static final Duration ANSWER = Duration.ofSeconds(10);
    /** The deadline, and some time for a busy machine. */
    private static final Duration CUT = Duration.ofSeconds(EdgePenstock.SECONDS + 6L);

    private final PenstockProcess penstock;
    private final Api api;

    EdgesIT(PenstockProcess penstock) {
        this.penstock = penstock;
        this.api = penstock.api();
    }

    @Test
    void shouldCutOffClientsThatSendOrTakeTooSlowlyAndServeOthersMeanwhile() throws Exception {
        List<RawHttp> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 20; i++) {
                RawHttp head = new RawHttp(api.url());
                head.send("GET /api/catalog HTTP/1.1\r\nHost: x\r\nX-Slow: ");
                slow.add(head);
            }
            RawHttp body = new RawHttp(api.url());
            body.send("POST /api/chat HTTP/1.1\r\nHost: x\r\nX-API-Key: " + api.key()
                    + "\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{");
            slow.add(body);
            Thread dribbler = Thread.ofVirtual().start(() -> dribble(slow));

            long begin = System.nanoTime();
            for (int i = 0; i < 20; i++) {
                assertThat(api.get("/api/catalog").status()).isEqualTo(200);
            }
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(CUT);
            for (RawHttp client : slow) {
                RawHttp.Response answer = client.receive(CUT, false);
                assertThat(answer.status()).isEqualTo(408);
                assertThat(answer.json().path("code").textValue()).isEqualTo("request.timeout");
                assertThat(client.isClosedWithin(CUT)).isTrue();
            }
            dribbler.join();
        } finally {
            for (RawHttp client : slow) {
                client.close();
            }
        }
    }

    /** A byte now and then, which keeps a connection from being idle, until all are closed. */
    private static void dribble(List<RawHttp> clients) {
        Awaitility.await().atMost(CUT).pollInterval(Duration.ofMillis(300)).until(() -> {
            boolean open = false;
            for (RawHttp client : clients) {
                open |= client.send("x");
            }
            return !open;
        });
    }

    @Test
    void shouldCutOffAClientThatTakesNoAnswer() throws Exception {
        int requests = 300;
        byte[] request = RawHttp.head("GET /q/openapi?format=json HTTP/1.1", List.of());
        int answer = RawHttp.exchange(api.url(), ANSWER, "GET", request).body().length;
        try (RawHttp client = new RawHttp(api.url())) {
            Thread sender = Thread.ofVirtual().start(() -> {
                try {
                    for (int i = 0; i < requests && client.send(request); i++) {
                        // until the server takes no more
                    }
                } catch (IOException e) {
                    // closed
                }
            });
            // What waits in buffers alone says nothing: the server must have given up by then.
            Awaitility.await()
                    .pollDelay(Duration.ofSeconds(EdgePenstock.SECONDS + 3L))
                    .atMost(CUT.plusSeconds(5))
                    .until(() -> !client.send("GET"));
            sender.join();
            assertThat(client.available()).isLessThan(requests * answer / 2);
        }
        assertThat(api.get("/api/catalog").status()).isEqualTo(200);
    }

    @Test
    void shouldRefuseMoreConnectionsThanItServes() throws Exception {
        List<RawHttp> many = new ArrayList<>();
        try {
            for (int i = 0; i < EdgePenstock.CONNECTIONS + 5; i++) {
                many.add(new RawHttp(api.url()));
            }
            RawHttp.Response answer = many.getLast().receive(ANSWER, false);
            assertThat(answer.status()).isEqualTo(429);
            assertThat(answer.json().path("code").textValue()).isEqualTo("busy");
            assertThat(answer.header("Retry-After")).isEqualTo("1");
        } finally {
            for (RawHttp client : many) {
                client.close();
            }
        }
        Awaitility.await()
                .atMost(CUT)
                .ignoreExceptions()
                .until(() -> api.get("/api/catalog").status() == 200);
    }

    @Test
    void shouldAnswerAProblemToWhatIsHardlyHttp() throws Exception {
        String key = "X-API-Key: " + api.key();
        assertProblem(
                exchange(RawHttp.head("GET /" + "a".repeat(9_000) + " HTTP/1.1", List.of(key))), 414, "url.too-long");
        assertProblem(
                exchange(RawHttp.head("GET /api/catalog HTTP/1.1", List.of(key, "X-Long: " + "a".repeat(20_000)))),
                431,
                "headers.too-large");
        List<String> headers = new ArrayList<>(List.of(key));
        for (int i = 0; i < 150; i++) {
            headers.add("X-" + i + ": 1");
        }
        assertProblem(exchange(RawHttp.head("GET /api/catalog HTTP/1.1", headers)), 431, "headers.too-large");
        assertProblem(exchange("NONSENSE\r\n\r\n".getBytes(UTF_8)), 400, "request.malformed");
        assertProblem(
                exchange(RawHttp.head("GET /api/catalog HTTP/1.1", List.of(key, "a\0b: c"))), 400, "request.malformed");
        assertProblem(exchange(RawHttp.head("GET /api/stores/%zz HTTP/1.1", List.of(key))), 400, "request.malformed");
        assertProblem(exchange(RawHttp.head("GET /api/search?q=%zz HTTP/1.1", List.of(key))), 400, "request.malformed");
        assertProblem(
                exchange((new String(
                                        RawHttp.head(
                                                "POST /api/chat HTTP/1.1", List.of(key, "Transfer-Encoding: chunked")),
                                        UTF_8)
                                + "zz\r\n")
                        .getBytes(UTF_8)),
                400,
                "request.malformed");
    }

    @Test
    void shouldTellWhatAPathTakes() throws Exception {
        RawHttp.Response patched =
                exchange(RawHttp.head("PATCH /api/processors/x HTTP/1.1", List.of("X-API-Key: " + api.key())));
        assertProblem(patched, 405, "method.not-allowed");
        assertThat(patched.header("Allow")).isEqualTo("DELETE, GET, HEAD, PUT");

        assertProblem(
                api.send(withKey("/api/catalog")
                        .setHeader("Accept", "application/xml")
                        .GET()),
                406,
                "media-type.not-acceptable");
        assertProblem(
                api.send(withKey("/api/chat")
                        .setHeader("Content-Type", "text/xml")
                        .POST(BodyPublishers.ofString("<a/>"))),
                415,
                "media-type.unsupported");
        assertProblem(
                api.send(withKey("/api/chat").header("Content-Encoding", "gzip").POST(BodyPublishers.ofString("{}"))),
                415,
                "media-type.unsupported");
        for (String type : List.of(
                "application/x-www-form-urlencoded", "text/plain; charset=UTF-8", "application/merge-patch+json")) {
            assertThat(api.send(withKey("/api/topic")
                                    .setHeader("Content-Type", type)
                                    .POST(BodyPublishers.ofString(
                                            "{\"topic\":\"Illegal\",\"topic_action\":\"create\",\"more\":1}")))
                            .code())
                    .as(type)
                    .isEqualTo("name.invalid");
        }
        assertProblem(api.get("/api/runs?limit=1&limit=2"), 422, "parameter.invalid");
        assertThat(api.get("/api/runs?limit=0").body().get("title").textValue()).isEqualTo("Unprocessable Content");
        assertProblem(api.post("/api/chat", "{\"message\":\"a\",\"mesage\":\"b\"}"), 400, "body.malformed");
        assertProblem(api.post("/api/chat", "{\"message\":\"a\",\"k\":0}"), 422, "parameter.invalid");
        Answer unfinished = api.post("/api/chat", "{\n\"message\":[1,");
        assertProblem(unfinished, 400, "body.malformed");
        assertThat(unfinished.detail()).contains("line 2").doesNotContain("Source");
        assertProblem(api.post("/api/chat", "[".repeat(1_000)), 400, "body.malformed");
    }

    @Test
    void shouldAnswerInOpenAisFormBelowV1() throws Exception {
        assertOpenAi(api.send(api.request("/v1/models").GET()), 401, "key.missing");
        Answer wrong = api.send(api.request("/v1/models")
                .header("Authorization", "Bearer sk-wrong")
                .GET());
        assertOpenAi(wrong, 401, "key.wrong");
        assertThat(header(wrong, "WWW-Authenticate")).startsWith("Bearer");
        assertOpenAi(api.get("/v1/nothing"), 404, "path.unknown");
        assertOpenAi(api.get("/v1/models/gpt-4o"), 404, "model.unknown");
        Answer got = api.get("/v1/embeddings");
        assertOpenAi(got, 405, "method.not-allowed");
        assertThat(header(got, "Allow")).isEqualTo("POST");
        assertOpenAi(
                api.send(withKey("/v1/models").setHeader("Accept", "text/html").GET()),
                406,
                "media-type.not-acceptable");
        assertOpenAi(
                api.send(withKey("/v1/embeddings")
                        .setHeader("Content-Type", "multipart/form-data")
                        .POST(BodyPublishers.ofString("x"))),
                415,
                "media-type.unsupported");
        assertOpenAi(api.post("/v1/embeddings", "x".repeat(1024 * 1024 + 1)), 413, "body.too-large");
        assertOpenAi(api.post("/v1/embeddings", "{"), 400, "body.malformed");
        Answer ids = api.post("/v1/embeddings", "{\"model\":\"all-MiniLM-L6-v2\",\"input\":[1,2]}");
        assertOpenAi(ids, 422, "parameter.invalid");
        assertThat(ids.body().at("/error/param").textValue()).isEqualTo("input");
        assertOpenAi(api.get("/v1/models?limit=1&limit=2"), 422, "parameter.invalid");
        assertOpenAi(
                api.post(
                        "/v1/chat/completions",
                        "{\"model\":\"penstock/nowhere\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}"),
                404,
                "topic.unknown");
    }

    @Test
    void shouldLetPagesOfNamedOriginsCall() {
        Answer preflight = api.send(api.request("/api/chat")
                .header("Origin", EdgePenstock.ORIGIN)
                .header("Access-Control-Request-Method", "POST")
                .header("Access-Control-Request-Headers", "x-api-key,content-type")
                .method("OPTIONS", BodyPublishers.noBody()));
        assertThat(preflight.status()).isEqualTo(204);
        assertThat(header(preflight, "Access-Control-Allow-Origin")).isEqualTo(EdgePenstock.ORIGIN);
        assertThat(header(preflight, "Access-Control-Allow-Methods")).contains("POST", "PUT", "DELETE");
        assertThat(header(preflight, "Access-Control-Allow-Headers"))
                .contains("X-API-Key", "Content-Type", "Last-Event-ID", "Idempotency-Key", "X-Stainless-Lang");
        assertThat(header(preflight, "Vary")).isEqualTo("Origin");
        assertThat(preflight.headers().firstValue("Access-Control-Allow-Credentials"))
                .isEmpty();

        Answer without = api.send(api.request("/api/catalog")
                .header("Origin", EdgePenstock.ORIGIN)
                .GET());
        assertProblem(without, 401, "key.missing");
        assertThat(header(without, "Access-Control-Allow-Origin")).isEqualTo(EdgePenstock.ORIGIN);
        Answer with = api.send(
                withKey("/api/catalog").header("Origin", EdgePenstock.ORIGIN).GET());
        assertThat(with.status()).isEqualTo(200);
        assertThat(header(with, "Access-Control-Allow-Origin")).isEqualTo(EdgePenstock.ORIGIN);

        Answer other = api.send(withKey("/api/catalog")
                .header("Origin", "https://app.example.org.evil.org")
                .GET());
        assertThat(other.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
        assertThat(header(other, "Vary")).isEqualTo("Origin");
        assertProblem(
                api.send(api.request("/api/chat")
                        .header("Origin", "null")
                        .header("Access-Control-Request-Method", "POST")
                        .method("OPTIONS", BodyPublishers.noBody())),
                401,
                "key.missing");
    }

    @Test
    void shouldShowAPageThatNeedsNothingAndGivesNothingAway() throws Exception {
        RawHttp.Response page = exchange(RawHttp.head("GET / HTTP/1.1", List.of("X-Forwarded-Host: <script>")));

        assertThat(page.status()).isEqualTo(200);
        assertThat(page.text())
                .contains("<td>capture</td><td>RUNNING</td>", "It is <strong>ready</strong>", "/q/openapi", "/q/health")
                .contains("X-API-Key", "api-key")
                .doesNotContain(api.key(), "<script", "http://www", "penstock-enrichment");
        assertThat(page.header("Content-Security-Policy")).startsWith("default-src 'none'; style-src 'sha256-");
        assertThat(page.header("X-Content-Type-Options")).isEqualTo("nosniff");
    }

    @Test
    void shouldShowDeadLettersDecodedNewestFirst() {
        try (KafkaReader kafka = new KafkaReader(penstock)) {
            kafka.send("alert", null, "{\"topic\":\"x\",\"api_key\":\"hush-hush\"}".getBytes(UTF_8), 0);
            kafka.send("alert", new byte[] {(byte) 0xff}, new byte[] {0, 0, 0, 0, 77, 1, 2}, 1_000);
        }
        JsonNode letters = Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(
                        () -> api.get("/api/dead-letters?topology=alert-fanout&code=record.undecodable")
                                .body()
                                .get("dead_letters"),
                        found -> found.size() == 2);

        assertThat(letters).allSatisfy(letter -> {
            assertThat(letter.get("kind").textValue()).isEqualTo("dead-letter");
            assertThat(letter.at("/source/topic").textValue()).isEqualTo("alert");
            assertThat(letter.get("message").textValue()).isNotBlank();
            assertThat(letter.get("time").textValue()).startsWith("20");
        });
        assertThat(letters.toString())
                .doesNotContain("hush-hush")
                .contains("\"format\":\"text\"", "\"format\":\"base64\"", "***");
        assertThat(StreamSupport.stream(letters.spliterator(), false)
                        .map(letter -> letter.get("time").textValue()))
                .isSortedAccordingTo(java.util.Comparator.reverseOrder());

        JsonNode first = api.get("/api/dead-letters?limit=1").body();
        assertThat(first.get("dead_letters")).hasSize(1);
        JsonNode second = api.get("/api/dead-letters?limit=1&after="
                        + Api.encode(first.get("next").textValue()))
                .body();
        assertThat(second.at("/dead_letters/0")).isNotEqualTo(first.at("/dead_letters/0"));
        assertThat(api.get("/api/dead-letters?to=2020-01-01T00:00:00Z").body().get("dead_letters"))
                .isEmpty();
        assertThat(api.get("/api/dead-letters?from=2020-01-01T00:00:00%2B01:00&topology=capture")
                        .body()
                        .get("dead_letters"))
                .isEmpty();
        assertProblem(api.get("/api/dead-letters?topology=nowhere"), 404, "topology.unknown");
        assertProblem(api.get("/api/dead-letters?from=yesterday"), 422, "parameter.invalid");
        assertProblem(api.get("/api/dead-letters?after=x"), 422, "parameter.invalid");
    }

    private java.net.http.HttpRequest.Builder withKey(String path) {
        return api.request(path).header("X-API-Key", api.key());
    }

    private RawHttp.Response exchange(byte[] request) throws IOException {
        try {
            return RawHttp.exchange(api.url(), ANSWER, "GET", request);
        } catch (EOFException e) {
            throw new AssertionError("No answer to " + new String(request, 0, Math.min(200, request.length), UTF_8), e);
        }
    }

    private static String header(Answer answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    private static void assertProblem(RawHttp.Response answer, int status, String code) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.json().path("code").asText()).isEqualTo(code);
        assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
    }

    private static void assertOpenAi(Answer answer, int status, String code) {
        assertThat(answer.status()).as(String.valueOf(answer.body())).isEqualTo(status);
        assertThat(answer.body()).hasSize(1);
        assertThat(answer.body().at("/error/code").textValue()).isEqualTo(code);
        assertThat(answer.body().at("/error/message").textValue()).isNotBlank();
        assertThat(answer.body().at("/error/type").textValue()).isEqualTo("invalid_request_error");
        assertThat(header(answer, "Content-Type")).startsWith("application/json");
    }

    private static void assertProblem(Answer answer, int status, String code) {
        assertThat(answer.status()).as(String.valueOf(answer.body())).isEqualTo(status);
        assertThat(answer.code()).isEqualTo(code);
        assertThat(answer.detail()).isNotBlank();
    }
}
