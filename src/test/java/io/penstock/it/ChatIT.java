package io.penstock.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.answer.ChatServer;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The chat over HTTP, answered by a language model that writes as slowly as the test wants. */
@Timeout(120)
class ChatIT {
    private static final String NOTICE =
            "The north quay is closed to vessels of more than 40 metres until the crane has been repaired in May.";
    private static final String QUESTION = "Which vessels may not use the north quay?";
    private static final int IN_FLIGHT = 3;
    private static final int SLOW_CLIENT_SECONDS = 2;

    private static final ChatServer MODEL = new ChatServer();
    private static final PenstockProcess PENSTOCK = new PenstockProcess("chat")
            .with("PENSTOCK_LLM", "openai")
            .with("PENSTOCK_LLM_MODEL", "test-model")
            .with("OPENAI_BASE_URL", MODEL.url())
            .with("OPENAI_API_KEY", "none")
            .with("PENSTOCK_CHAT_IN_FLIGHT", IN_FLIGHT)
            .with("PENSTOCK_HTTP_HEADER_SECONDS", SLOW_CLIENT_SECONDS)
            .with("PENSTOCK_HTTP_BODY_SECONDS", SLOW_CLIENT_SECONDS)
            .with("PENSTOCK_HTTP_WRITE_SECONDS", SLOW_CLIENT_SECONDS);

    private static Api api;

    @BeforeAll
    static void start() {
        MODEL.will(ChatServer.text("Nothing to say."));
        PENSTOCK.start();
        api = PENSTOCK.api();
        api.create("harbour", "notices");
        api.inlineProcessor("plain", "harbour", "notices", new InlineItem("n-17", "Notice 17", NOTICE));
        assertThat(api.collected("harbour", "notices").path("state").asText()).isEqualTo("DONE");
    }

    @AfterAll
    static void stop() {
        PENSTOCK.close();
        MODEL.close();
    }

    /** Writes the first words, waits for a permit, and writes the others. */
    private static ChatServer.Script twoParts(String first, Semaphore goOn, String others) {
        return exchange -> {
            exchange.stream();
            exchange.piece(first);
            try {
                while (!goOn.tryAcquire(20, TimeUnit.MILLISECONDS)) {
                    if (!exchange.waitALittle()) {
                        return; // the call was cancelled
                    }
                }
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            exchange.piece(others);
            exchange.finish("stop");
            exchange.usage(11, 7);
            exchange.event("[DONE]");
            exchange.end();
        };
    }

    private static String newSession() {
        return "session-" + UUID.randomUUID();
    }

    @Test
    void shouldStreamCitationsThenTextWhileItIsWritten() {
        Semaphore goOn = new Semaphore(0);
        MODEL.will(twoParts("Vessels of ", goOn, "more than 40 metres [1]."));
        String session = newSession();

        try (EventClient client = EventClient.ask(api, session, QUESTION)) {
            client.awaitText("Vessels of");
            assertThat(client.status()).isEqualTo(200);
            assertThat(client.names()).startsWith("start", "citations", "text").doesNotContain("done");
            goOn.release();
            JsonNode done = client.end();

            JsonNode start = client.events().getFirst().data();
            assertThat(start.path("session_id").asText()).isEqualTo(session);
            JsonNode citation = client.events().get(1).data().at("/citations/0");
            assertThat(citation.path("n").asInt()).isEqualTo(1);
            assertThat(citation.path("text").asText()).isEqualTo(NOTICE);
            assertThat(client.text()).isEqualTo("Vessels of more than 40 metres [1].");
            assertThat(done.path("reply").asText()).isEqualTo(client.text());
            assertThat(done.path("answered").asBoolean()).isTrue();
            assertThat(done.path("answerer").asText()).isEqualTo("test-model");
            assertThat(done.at("/citations/0/item").asText()).isEqualTo("n-17");
            assertThat(done.at("/usage/completion_tokens").asInt()).isEqualTo(7);
            assertThat(done.path("request_id").asText())
                    .isEqualTo(start.path("request_id").asText());
            assertThat(client.lastId()).endsWith(done.path("request_id").asText());
            client.await("the end of the connection's answer", client::isOver);
        }
    }

    /** What limits slow clients does not limit a stream, however long nothing is written to it. */
    @Test
    void shouldNotCutOffAStreamWhoseModelIsSlow() {
        Semaphore goOn = new Semaphore(0);
        MODEL.will(twoParts("Vessels of ", goOn, "more than 40 metres [1]."));

        try (EventClient client = EventClient.ask(api, newSession(), QUESTION)) {
            client.awaitText("Vessels of");
            Awaitility.await()
                    .during(Duration.ofSeconds(2 * SLOW_CLIENT_SECONDS))
                    .atMost(Duration.ofSeconds(3 * SLOW_CLIENT_SECONDS))
                    .until(() -> !client.isOver());
            goOn.release();

            assertThat(client.end().path("reply").asText()).isEqualTo("Vessels of more than 40 metres [1].");
        }
    }

    @Test
    void shouldResumeExactlyWhereTheStreamBroke() {
        Semaphore goOn = new Semaphore(0);
        MODEL.will(twoParts("Vessels of ", goOn, "more than 40 metres [1]."));

        EventClient broken = EventClient.ask(api, newSession(), QUESTION);
        broken.awaitText("Vessels of");
        broken.close();
        broken.await("the client is gone", broken::isOver);
        try (EventClient resumed = broken.resumeAt(api)) {
            assertThat(resumed.status()).isEqualTo(200);
            goOn.release();

            assertThat(resumed.end().path("reply").asText()).isEqualTo("Vessels of more than 40 metres [1].");
            assertThat(resumed.text()).isEqualTo("Vessels of more than 40 metres [1].");
            assertThat(resumed.names()).doesNotContain("start", "citations", "reset");
            try (EventClient again = resumed.resumeAt(api)) {
                assertThat(again.end()).isEqualTo(resumed.end());
                assertThat(again.names()).containsExactly("done");
            }
        }
        assertThat(metric("penstock_chat_resumed_total")).isGreaterThanOrEqualTo(2);
    }

    @Test
    void shouldRefuseToResumeWhatIsNotThere() {
        Answer none = api.get("/api/chat");
        assertThat(none.status()).isEqualTo(422);
        assertThat(none.detail()).contains("Last-Event-ID");
        assertThat(api.get("/api/chat?last_event_id=nonsense").status()).isEqualTo(422);
        Answer unknown = api.get("/api/chat?last_event_id=3-123456789-1-" + UUID.randomUUID());
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.body().path("code").asText()).isEqualTo("key.unknown");
    }

    @Test
    void shouldStreamAProblemWhenTheAnswerFails() {
        MODEL.will(ChatServer.status(401, "{\"error\":{\"message\":\"no\"}}"));

        try (EventClient client = EventClient.ask(api, newSession(), QUESTION)) {
            JsonNode problem = client.end();

            assertThat(client.names()).startsWith("start").endsWith("error");
            assertThat(problem.path("code").asText()).isEqualTo("llm.unauthorized");
            assertThat(problem.path("status").asInt()).isEqualTo(502);
            assertThat(problem.path("title").asText()).isEqualTo("Bad Gateway");
        }
    }

    @Test
    void shouldCancelTheCallOfAClientThatGoesAway() throws Exception {
        MODEL.will(exchange -> {
            exchange.stream();
            exchange.stall();
        });
        double before = metric("penstock_chat_cancelled_total");
        MODEL.arrivals().drainPermits();
        MODEL.hangUps().drainPermits();
        String session = newSession();

        try (RawHttp connection = new RawHttp(api.url())) {
            send(connection, session);
            assertThat(MODEL.arrivals().tryAcquire(30, TimeUnit.SECONDS)).isTrue();
        }

        assertThat(MODEL.hangUps().tryAcquire(10, TimeUnit.SECONDS))
                .as("the call to the model is broken off")
                .isTrue();
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> metric("penstock_chat_cancelled_total") > before);
        assertThat(api.get("/api/conversations/" + session).status()).isEqualTo(404);
    }

    private static void send(RawHttp connection, String session) throws IOException {
        byte[] body = Api.JSON
                .createObjectNode()
                .put("message", QUESTION)
                .put("session_id", session)
                .toString()
                .getBytes(UTF_8);
        connection.send(RawHttp.head(
                "POST /api/chat HTTP/1.1",
                List.of(
                        "X-API-Key: " + api.key(),
                        "Content-Type: application/json",
                        "Content-Length: " + body.length)));
        connection.send(body);
    }

    @Test
    void shouldNotReadAReplyAgainThatItWroteItself() throws Exception {
        MODEL.will(ChatServer.text("Long ones [1]."));
        double before = metric("penstock_chat_handed_over_total");

        Awaitility.await("one that was acknowledged before it was read")
                .pollInterval(Duration.ofMillis(10))
                .until(() -> {
                    assertThat(api.ask(QUESTION, null).status()).isEqualTo(200);
                    return metric("penstock_chat_handed_over_total") > before;
                });
    }

    /** A question takes the long way when its Accept has to be thought about. */
    @Test
    void shouldAnswerTheSameByTheShortWayAndTheLong() throws Exception {
        MODEL.will(ChatServer.text("Long ones [1]."));
        for (String body : List.of(
                "{\"message\":\"" + QUESTION + "\",\"session_id\":\"both-ways\"}",
                "{\"message\":\"" + QUESTION + "\",\"topic\":\"harbour\",\"session_id\":\"both-ways\"}",
                "{\"message\":\"" + QUESTION + "\",\"topic\":\"nowhere\"}",
                "{\"message\":\"\"}",
                "{\"massage\":\"x\"}",
                "{",
                "")) {
            Answer quick = api.post("/api/chat", body);
            Answer slow = theLongWay(body);

            assertThat(quick.status()).as(body).isEqualTo(slow.status());
            assertThat(names(quick)).as(body).isEqualTo(names(slow));
            assertThat(quick.headers().firstValue("Content-Type"))
                    .as(body)
                    .isEqualTo(slow.headers().firstValue("Content-Type"));
            assertThat(withoutId(quick.body())).as(body).isEqualTo(withoutId(slow.body()));
        }
        MODEL.will(ChatServer.status(400, "{}"));
        Answer quick = api.ask(QUESTION, null);
        Answer slow = theLongWay("{\"message\":\"" + QUESTION + "\"}");
        assertThat(quick.status()).isEqualTo(slow.status()).isGreaterThanOrEqualTo(500);
        assertThat(names(quick)).isEqualTo(names(slow));
        assertThat(quick.body()).isEqualTo(slow.body());
    }

    private static Answer theLongWay(String body) {
        return api.send(api.withKey("/api/chat")
                .header("Accept", "application/json;q=0.9")
                .POST(BodyPublishers.ofString(body)));
    }

    private static Set<String> names(Answer answer) {
        return answer.headers().map().keySet();
    }

    private static JsonNode withoutId(JsonNode body) {
        return body instanceof ObjectNode object ? object.without("request_id") : body;
    }

    /** As a load balancer does, or a client whose process ends. */
    @Test
    void shouldCancelWithoutAnErrorWhenAConnectionIsReset() throws Exception {
        MODEL.will(exchange -> {
            exchange.stream();
            exchange.stall();
        });
        double before = metric("penstock_chat_cancelled_total");
        MODEL.arrivals().drainPermits();

        try (RawHttp connection = new RawHttp(api.url())) {
            send(connection, newSession());
            assertThat(MODEL.arrivals().tryAcquire(30, TimeUnit.SECONDS)).isTrue();
            connection.reset();
        }

        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> metric("penstock_chat_cancelled_total") > before);
        assertThat(Files.readString(PENSTOCK.log())).doesNotContain("unexpected error");
    }

    @Test
    void shouldRefuseOneMoreQuestionThanMayBeInFlight() throws Exception {
        MODEL.will(exchange -> {
            exchange.stream();
            exchange.stall();
        });
        List<RawHttp> waiting = new ArrayList<>();
        try {
            Awaitility.await("earlier questions are done")
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> metric("penstock_chat_in_flight") == 0);
            for (int i = 0; i < IN_FLIGHT; i++) {
                RawHttp connection = new RawHttp(api.url());
                waiting.add(connection);
                send(connection, newSession());
            }
            Awaitility.await("questions in flight")
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> metric("penstock_chat_in_flight") == IN_FLIGHT);

            Answer refused = api.ask(QUESTION, null);

            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.body().path("code").asText()).isEqualTo("busy");
            assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");
        } finally {
            for (RawHttp connection : waiting) {
                connection.close();
            }
        }
        Awaitility.await("there is room again")
                .atMost(Duration.ofSeconds(20))
                .until(() -> metric("penstock_chat_in_flight") == 0);
        MODEL.will(ChatServer.text("Long ones [1]."));
        assertThat(api.ask(QUESTION, null).status()).isEqualTo(200);
    }

    @Test
    void shouldRememberConversationsUntilTheyAreForgotten() throws Exception {
        MODEL.will(ChatServer.text("Long ones [1]."));
        String session = "quay/one & two-" + UUID.randomUUID();
        String path = "/api/conversations/" + Api.encode(session).replace("+", "%20");
        JsonNode first = Api.require(ask(session), 200).body();
        Semaphore goOn = new Semaphore(0);
        MODEL.will(twoParts("Still ", goOn, "long ones [1]."));
        try (EventClient client = EventClient.ask(api, session, "And which now?")) {
            client.awaitText("Still");
            String later = client.events().getFirst().data().path("request_id").asText();
            assertThat(api.get(path + "/turns/" + later).status()).isEqualTo(404);
            CompletableFuture<Answer> waited =
                    CompletableFuture.supplyAsync(() -> api.get(path + "/turns/" + later + "?wait=30"));
            goOn.release();

            Answer turn = waited.get(30, TimeUnit.SECONDS);
            assertThat(turn.status()).isEqualTo(200);
            assertThat(turn.body().path("reply").asText()).isEqualTo("Still long ones [1].");
            assertThat(turn.body().path("message").asText()).isEqualTo("And which now?");
            assertThat(turn.body().at("/citations/0/item").asText()).isEqualTo("n-17");
        }

        JsonNode conversation = Api.require(api.get(path), 200).body();
        assertThat(conversation.path("session_id").asText()).isEqualTo(session);
        assertThat(conversation.path("turns")).hasSize(2);
        assertThat(conversation.at("/turns/0/request_id").asText())
                .isEqualTo(first.path("request_id").asText());
        assertThat(conversation.at("/turns/0/citations")).isEqualTo(first.path("citations"));
        assertThat(conversation.at("/turns/0/usage")).isEqualTo(first.path("usage"));
        assertThat(api.get("/api/conversations?limit=1000").body().path("conversations"))
                .anySatisfy(found -> {
                    assertThat(found.path("session_id").asText()).isEqualTo(session);
                    assertThat(found.path("turns").asInt()).isEqualTo(2);
                });

        JsonNode forgotten = Api.require(api.delete(path), 200).body();

        assertThat(forgotten.path("forgotten_turns").asInt()).isEqualTo(2);
        assertThat(api.get(path).status()).isEqualTo(404);
        assertThat(api.delete(path).status()).isEqualTo(404);
    }

    private static Answer ask(String session) {
        return api.post(
                "/api/chat",
                Api.JSON
                        .createObjectNode()
                        .put("message", QUESTION)
                        .put("session_id", session)
                        .put("topic", "harbour")
                        .toString());
    }

    private static double metric(String name) {
        return api.get("/q/metrics")
                .body()
                .asText()
                .lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
