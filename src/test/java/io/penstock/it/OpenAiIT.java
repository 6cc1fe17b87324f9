package io.penstock.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.answer.ChatServer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Chat and analyses by a language model, behind a loopback endpoint that speaks OpenAI's protocol. */
@Timeout(180)
class OpenAiIT {
    private static final String KEY = "sk-only-between-us-4711";
    private static final String NOTICE =
            "The north quay is closed to vessels of more than 40 metres until the crane has been repaired in May.";

    private static final ChatServer ENDPOINT = new ChatServer();
    private static final PenstockProcess WITH_KEY = process("openai").with("OPENAI_API_KEY", KEY);
    private static final PenstockProcess WITHOUT_KEY = process("openai-keyless");

    private static PenstockProcess process(String name) {
        return new PenstockProcess(name)
                .with("PENSTOCK_LLM", "openai")
                .with("PENSTOCK_LLM_MODEL", "test-model")
                .with("OPENAI_BASE_URL", ENDPOINT.url())
                .with("OPENAI_API_KEY", "");
    }

    /** Both at once, each with a notice that was collected. */
    @BeforeAll
    static void start() {
        ENDPOINT.will(ChatServer.text("Closed to long vessels."));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            CompletableFuture.allOf(
                            CompletableFuture.runAsync(() -> startWithNotice(WITH_KEY), threads),
                            CompletableFuture.runAsync(() -> startWithNotice(WITHOUT_KEY), threads))
                    .join();
        }
    }

    private static void startWithNotice(PenstockProcess penstock) {
        penstock.start();
        Api api = penstock.api();
        api.create("harbour", "notices");
        api.inlineProcessor("plain", "harbour", "notices", new InlineItem("n-17", "Notice 17", NOTICE));
        assertThat(api.collected("harbour", "notices").path("state").asText()).isEqualTo("DONE");
    }

    @AfterAll
    static void stop() {
        WITH_KEY.close();
        WITHOUT_KEY.close();
        ENDPOINT.close();
    }

    @Test
    void shouldAnswerByTheModelWithCitationsAndUsage() {
        ENDPOINT.will(ChatServer.text("Vessels of more than 40 metres [1]."));

        Answer answer = WITH_KEY.api().ask("Which vessels may not use the north quay?", "harbour");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body().path("reply").asText()).isEqualTo("Vessels of more than 40 metres [1].");
        assertThat(answer.body().path("answerer").asText()).isEqualTo("test-model");
        assertThat(answer.body().at("/citations/0/item").asText()).isEqualTo("n-17");
        assertThat(answer.body().at("/citations/0/text").asText()).isEqualTo(NOTICE);
        assertThat(answer.body().at("/usage/prompt_tokens").asInt()).isEqualTo(11);
        assertThat(answer.body().at("/usage/completion_tokens").asInt()).isEqualTo(7);
        assertThat(metric("penstock_llm_tokens_total", "use=\"chat\"", "kind=\"completion\""))
                .isGreaterThanOrEqualTo(7);
    }

    @Test
    void shouldKeepTheAnalysisOfAModelThatTheProcessorChooses() {
        ENDPOINT.will(ChatServer.text("Long vessels must wait."));
        Api api = WITH_KEY.api();
        api.create("quay", "notices", "plain");
        put(api, "analysed", "notices", ", \"llm\": {\"model\": \"big-model\", \"temperature\": 0.5}");
        put(api, "not-analysed", "plain", ", \"llm\": {\"kind\": \"none\"}");
        for (String run : api.collect("quay", "notices", "plain")) {
            assertThat(api.ended(run).path("state").asText()).isEqualTo("DONE");
        }

        JsonNode analysed = api.records("quay", "notices").getFirst();
        assertThat(analysed.path("analysis").asText()).isEqualTo("Long vessels must wait.");
        assertThat(analysed.path("answerer").asText()).isEqualTo("big-model");
        JsonNode sent = ENDPOINT.asked().stream()
                .map(ChatServer.Asked::body)
                .filter(body -> body.path("model").asText().equals("big-model"))
                .toList()
                .getFirst();
        assertThat(sent.at("/messages/1/content").asText()).contains("Summarise Notice 17.", NOTICE);
        assertThat(sent.path("temperature").asDouble()).isEqualTo(0.5);
        assertThat(api.records("quay", "plain").getFirst().path("analysis").isNull())
                .isTrue();
        assertThat(metric("penstock_llm_calls_total", "use=\"analysis\"")).isGreaterThanOrEqualTo(1);
    }

    private static void put(Api api, String id, String segment, String choice) {
        assertThat(api.put(
                                "/api/processors/" + id,
                                "{\"topic\": \"quay\", \"segment\": \"" + segment
                                        + "\", \"data_list\": [{\"value\": \"n-17\", \"label\": \"Notice 17\", \"text\": \""
                                        + NOTICE + "\"}], \"prompt_template\": \"Summarise [LABEL].\"" + choice + "}")
                        .status())
                .isEqualTo(201);
    }

    @Test
    void shouldNameTheVariableAndTheHostWithoutAKey() {
        Answer answer = WITHOUT_KEY.api().ask("Which vessels may not use the north quay?", "harbour");

        assertProblem(answer, 502, "llm.unauthorized", "OPENAI_API_KEY");
    }

    @Test
    void shouldNameTheVariableAndTheHostThatIsDead() {
        ENDPOINT.refuseConnections();
        try {
            Answer answer = WITH_KEY.api().ask("Which vessels may not use the north quay?", "harbour");

            assertProblem(answer, 502, "llm.unreachable", "OPENAI_BASE_URL");
        } finally {
            ENDPOINT.resume();
        }
    }

    /** Whatever the endpoint makes of it: in an error, in the middle of an answer, and in an answer. */
    @Test
    void shouldNotTellTheKeyThatTheEndpointEchoes() {
        List<ChatServer.Script> echoes = List.of(
                ChatServer.status(401, "{\"error\":{\"message\":\"Incorrect API key provided: " + KEY + "\"}}"),
                ChatServer.status(400, "{\"error\":{\"message\":\"Cannot read Bearer " + KEY + "\"}}"),
                exchange -> {
                    exchange.stream();
                    exchange.event("{\"error\":{\"message\":\"Lost " + KEY + "\"}}");
                    exchange.end();
                },
                exchange -> {
                    exchange.stream();
                    exchange.event(KEY);
                    exchange.end();
                },
                ChatServer.text("You sent " + KEY + " [1]."));
        List<String> told = new ArrayList<>();
        for (ChatServer.Script echo : echoes) {
            ENDPOINT.will(echo);
            told.add(WITH_KEY.api()
                    .ask("Which vessels may not use the north quay?", "harbour")
                    .body()
                    .toString());
        }
        assertThat(told)
                .hasSize(5)
                .noneMatch(answer -> answer.contains(KEY))
                .last()
                .asString()
                .contains("You sent ***");

        assertThat(ENDPOINT.asked()).anyMatch(asked -> asked.authorization().equals("Bearer " + KEY));
        assertThat(PenstockProcess.text(WITH_KEY.log())).doesNotContain(KEY);
        try (KafkaReader kafka = new KafkaReader(WITH_KEY)) {
            List<ConsumerRecord<byte[], byte[]>> all = kafka.uncommitted();
            assertThat(topicsWith(all, KEY)).isEmpty();
            assertThat(topicsWith(all, "You sent ***")).contains("chat.reply");
            assertThat(topicsWith(all, "Cannot read Bearer ***")).contains("chat.reply", "dead-letter.chat");
        }
    }

    private static List<String> topicsWith(List<ConsumerRecord<byte[], byte[]>> records, String word) {
        return records.stream()
                .filter(found -> holds(found, word))
                .map(ConsumerRecord::topic)
                .distinct()
                .toList();
    }

    private static boolean holds(ConsumerRecord<byte[], byte[]> found, String word) {
        StringBuilder all = new StringBuilder();
        for (byte[] part : new byte[][] {found.key(), found.value()}) {
            all.append(part == null ? "" : new String(part, UTF_8));
        }
        found.headers().forEach(header -> all.append(new String(header.value(), UTF_8)));
        return all.indexOf(word) >= 0;
    }

    private static void assertProblem(Answer answer, int status, String code, String variable) {
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.body().path("code").asText()).isEqualTo(code);
        assertThat(answer.body().path("detail").asText())
                .contains(variable, "127.0.0.1:" + ENDPOINT.port())
                .doesNotContain(KEY);
    }

    private static double metric(String name, String... tags) {
        String text = WITH_KEY.api().get("/q/metrics").body().asText();
        return text.lines()
                .filter(line ->
                        line.startsWith(name + "{") && List.of(tags).stream().allMatch(line::contains))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
