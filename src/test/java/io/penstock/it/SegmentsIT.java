package io.penstock.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Which processors a collection starts. */
@Timeout(120)
@ExtendWith(SharedPenstock.class)
class SegmentsIT {
    private final PenstockProcess penstock;
    private final Api api;

    SegmentsIT(PenstockProcess penstock) {
        this.penstock = penstock;
        this.api = penstock.api();
    }

    @Test
    void shouldStartEachProcessorOfTheSegmentOnceAndNoOther() {
        api.create("market", "news", "filings");
        api.inlineProcessor("market-news", "market", "news", item("first"), item("second"));
        api.inlineProcessor("market-wire", "market", "news", item("wire"));
        api.inlineProcessor("market-filings", "market", "filings", item("filing"));

        JsonNode run = api.collected("market", "news");

        assertThat(run.get("state").textValue()).isEqualTo("DONE");
        assertThat(run.at("/counts/tasks").intValue()).isEqualTo(3);
        assertThat(run.at("/counts/indexed").intValue()).isEqualTo(3);
        String id = run.get("run_id").textValue();
        assertThat(tasksOf(id))
                .containsExactlyInAnyOrder(
                        id + "/market-news/first", id + "/market-news/second", id + "/market-wire/wire");
        assertThat(api.records("market", "news")).hasSize(3);
        assertThat(api.records("market", "filings")).isEmpty();
    }

    @Test
    void shouldRunOnceForOneIdempotencyKey() {
        api.create("once", "news");
        api.inlineProcessor("once-news", "once", "news", item("only"));
        String key = "once-" + UUID.randomUUID();

        Answer first = collectOnce(key);
        Answer second = collectOnce(key);

        String runId = first.body().at("/runs/0/run_id").textValue();
        assertThat(first.headers().firstValue("Location"))
                .hasValueSatisfying(at -> assertThat(at).endsWith("/api/runs/" + runId));
        assertThat(second.body().at("/runs/0/run_id").textValue()).isEqualTo(runId);
        assertThat(api.ended(runId).at("/counts/tasks").intValue()).isEqualTo(1);
        Answer third = collectOnce(key);
        assertThat(third.body().at("/runs/0/run_id").textValue()).isEqualTo(runId);
        // Whatever the repeated alerts would set off comes before the tasks of a later one.
        api.collected("once", "news");
        assertThat(tasksOf(runId)).hasSize(1);
        assertThat(api.get("/api/runs?alert_id=" + key).body().get("runs")).hasSize(1);
    }

    private Answer collectOnce(String key) {
        return Api.require(collectUnder(key, "{\"topic\":\"once\",\"segment_targets\":[\"news\"]}"), 202);
    }

    private Answer collectUnder(String key, String body) {
        return api.send(api.request("/api/collect")
                .header("X-API-Key", api.key())
                .header("Idempotency-Key", key)
                .POST(BodyPublishers.ofString(body)));
    }

    @Test
    void shouldTakeOneOrderUnderAKeyHoweverQuicklyOthersFollow() throws Exception {
        api.create("keyed", "one");
        Api.require(
                api.post("/api/segment", "{\"topic\":\"keyed\",\"segment\":\"two\",\"segment_action\":\"create\"}"),
                201);
        String one = "{\"topic\":\"keyed\",\"segment_targets\":[\"one\"]}";
        String two = "{\"topic\":\"keyed\",\"segment_targets\":[\"two\"]}";
        for (int round = 0; round < 5; round++) {
            String key = "keyed-" + UUID.randomUUID();
            List<String> bodies = List.of(one, two, one, two);
            List<Answer> answers = new ArrayList<>();
            try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<Answer>> calls = bodies.stream()
                        .map(body -> callers.submit(() -> collectUnder(key, body)))
                        .toList();
                for (Future<Answer> call : calls) {
                    answers.add(call.get());
                }
            }
            String taken = bodies.get(IntStream.range(0, 4)
                    .filter(i -> answers.get(i).status() == 202)
                    .findFirst()
                    .orElseThrow());
            String runId = collectUnder(key, taken).body().at("/runs/0/run_id").textValue();
            for (int i = 0; i < bodies.size(); i++) {
                Answer answer = answers.get(i);
                if (bodies.get(i).equals(taken)) {
                    assertThat(answer.status()).isEqualTo(202);
                    assertThat(answer.body().at("/runs/0/run_id").textValue()).isEqualTo(runId);
                } else {
                    assertThat(answer.status()).as(answer.body().toString()).isEqualTo(409);
                    assertThat(answer.code()).isEqualTo("idempotency.conflict");
                }
            }
            String other = taken.equals(one) ? two : one;
            for (String body : List.of(other, "[" + taken + "," + other + "]", "[" + other + "]")) {
                assertThat(collectUnder(key, body).code()).as(body).isEqualTo("idempotency.conflict");
            }
            assertThat(collectUnder(key, "[" + taken + "]").status())
                    .as("an array of one is the one")
                    .isEqualTo(202);
        }
        String longer = "keyed-" + UUID.randomUUID();
        Api.require(collectUnder(longer, "[" + one + "," + two + "]"), 202);
        for (String body : List.of(one, "[" + one + "," + two + "," + one + "]", "[" + two + "," + one + "]")) {
            assertThat(collectUnder(longer, body).code()).as(body).isEqualTo("idempotency.conflict");
        }
    }

    @Test
    void shouldAddressASegmentInEveryTopicThatHasIt() {
        for (String topic : List.of("north", "south")) {
            api.create(topic, "harvest");
            api.inlineProcessor(topic + "-harvest", topic, "harvest", item(topic));
        }

        List<String> runs = api.collect("alert", "harvest");

        assertThat(runs).hasSize(2).doesNotHaveDuplicates();
        assertThat(runs.stream().map(api::ended)).allSatisfy(run -> {
            assertThat(run.get("state").textValue()).isEqualTo("DONE");
            assertThat(run.at("/counts/indexed").intValue()).isEqualTo(1);
        });
        assertThat(runs.stream().map(run -> api.ended(run).get("topic").textValue()))
                .containsExactlyInAnyOrder("north", "south");
    }

    @Test
    void shouldFailARunThatNoProcessorServes() {
        api.create("barren", "field");

        JsonNode run = api.collected("barren", "field");

        assertThat(run.get("state").textValue()).isEqualTo("FAILED");
        assertThat(run.toString()).contains("run.no-processor");
        assertThat(run.at("/counts/tasks").intValue()).isZero();
    }

    @Test
    void shouldRejectWhatTheQualityRulesRefuseAndBeDone() {
        api.create("quality", "notes");
        api.inlineProcessor(
                "quality-notes", "quality", "notes", item("good"), new InlineItem("short", "Short", "Tiny."));

        JsonNode run = api.collected("quality", "notes");

        assertThat(run.get("state").textValue()).isEqualTo("DONE");
        assertThat(run.at("/counts/rejected").intValue()).isEqualTo(1);
        assertThat(run.at("/rejections/0/code").textValue()).isEqualTo("quality.short");
        assertThat(run.at("/rejections/0/samples/0/record").textValue()).isEqualTo("quality/notes/quality-notes/short");
        assertThat(run.at("/counts/indexed").intValue()).isEqualTo(1);
        try (KafkaReader kafka = new KafkaReader(penstock)) {
            assertThat(kafka.values("enrichment.rejected"))
                    .filteredOn(rejected -> rejected.toString().contains("quality-notes"))
                    .singleElement()
                    .satisfies(rejected ->
                            assertThat(String.valueOf(rejected.get("code"))).isEqualTo("quality.short"));
        }
    }

    /** The keys of the capture tasks of a run. */
    private List<String> tasksOf(String runId) {
        try (KafkaReader kafka = new KafkaReader(penstock)) {
            return kafka.committed("capture.task").stream()
                    .map(task -> new String(task.key(), UTF_8))
                    .filter(key -> key.startsWith(runId + "/"))
                    .toList();
        }
    }

    private static InlineItem item(String value) {
        return new InlineItem(
                value,
                "About " + value,
                "This is what the paper had to say about " + value + " on the morning after the fair.");
    }
}
