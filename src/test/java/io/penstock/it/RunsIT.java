package io.penstock.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Runs are followed, cancelled and tried again, and dead letters are replayed. */
@Timeout(120)
@ExtendWith(SharedPenstock.class)
class RunsIT {
    private static final String PAGE =
            Path.of("docs", "security.md").toAbsolutePath().toString();
    private static final int ITEMS = 60;

    private final Api api;

    RunsIT(PenstockProcess penstock) {
        this.api = penstock.api();
    }

    @Test
    void shouldCancelARunWhileItIsFollowedAndIndexWhatWasCaptured() {
        api.create("cancelled-run", "pages");
        put(
                "cancelled-pages",
                "cancelled-run",
                PAGE,
                2,
                IntStream.range(0, ITEMS).mapToObj(i -> "page-" + i).toList(),
                201);
        String id = api.collect("cancelled-run", "pages").getFirst();
        try (EventClient events = EventClient.follow(api, "/api/runs/" + id + "/events", "")) {
            events.await(
                    "something is captured",
                    () -> events.events().stream()
                            .anyMatch(
                                    event -> event.data().at("/counts/captured").intValue() > 0));
            JsonNode cancelled = Api.require(api.post("/api/runs/" + id + "/cancel", ""), 202)
                    .body();
            assertThat(cancelled.get("cancel_requested").booleanValue()).isTrue();

            JsonNode run = api.ended(id);
            events.await("the end", events::isOver);

            JsonNode counts = run.get("counts");
            assertThat(run.get("state").textValue()).as(run.toString()).isEqualTo("CANCELLED");
            assertThat(counts.get("tasks").intValue()).isEqualTo(ITEMS);
            assertThat(counts.get("captured").intValue()).isBetween(1, ITEMS / 2);
            assertThat(counts.get("cancelled").intValue())
                    .isEqualTo(ITEMS - counts.get("captured").intValue());
            assertThat(counts.get("indexed").intValue())
                    .isEqualTo(counts.get("captured").intValue());
            assertThat(counts.get("failed").intValue()).isZero();
            assertThat(run.at("/progress/processors/0/cancelled").intValue())
                    .isEqualTo(counts.get("cancelled").intValue());
            assertThat(events.names()).startsWith("progress").endsWith("end").contains("progress");
            assertThat(events.events()).extracting(EventClient.Event::id).doesNotHaveDuplicates();
            assertThat(events.events().getLast().data().get("counts")).isEqualTo(counts);
        }
        try (EventClient again = EventClient.follow(api, "/api/runs/" + id + "/events", "an earlier event")) {
            again.await("the end", again::isOver);
            assertThat(again.names()).containsExactly("end");
        }
        assertThat(api.post("/api/runs/" + id + "/cancel", "").status()).isEqualTo(200);
        assertThat(code(api.post("/api/runs/nobody/cancel", ""))).isEqualTo("run.unknown");
        assertThat(api.get("/api/runs/nobody/events").status()).isEqualTo(404);
        api.deleteTopic("cancelled-run");
    }

    @Test
    void shouldCaptureTheFailedItemsAgainOnceTheirProcessorIsRight() {
        api.create("retried-run", "pages");
        List<String> values = List.of("security", "openai", "no-such-page", "nor-this");
        String template = PAGE.replace("security.md", "{value}.md");
        put("retried-pages", "retried-run", template, 0, values, 201);
        JsonNode run = api.collected("retried-run", "pages");
        String id = run.get("run_id").textValue();
        assertThat(run.get("state").textValue()).isEqualTo("PARTIAL");
        assertThat(run.at("/failures/0/code").textValue()).isEqualTo("capture.not-found");
        assertThat(run.at("/failures/0/count").intValue()).isEqualTo(2);
        assertThat(run.at("/failures/0/samples").findValuesAsText("record"))
                .containsExactly(
                        "retried-run/pages/retried-pages/no-such-page", "retried-run/pages/retried-pages/nor-this");
        replay(id);

        put("retried-pages", "retried-run", PAGE, 0, values, 200);
        JsonNode finishedAt = api.get("/api/runs/" + id).body().get("finished_at");
        JsonNode retry = Api.require(
                        api.send(api.request("/api/runs/" + id + "/retry")
                                .header("X-API-Key", api.key())
                                .header("Idempotency-Key", "retry of " + id)
                                .POST(java.net.http.HttpRequest.BodyPublishers.noBody())),
                        202)
                .body();
        JsonNode retried = api.ended(retry.get("run_id").textValue());

        assertThat(retry.get("tasks").intValue()).isEqualTo(2);
        assertThat(retry.get("left_out_count").intValue()).isZero();
        assertThat(retried.get("state").textValue()).as(retried.toString()).isEqualTo("DONE");
        assertThat(retried.get("retry_of").textValue()).isEqualTo(id);
        assertThat(retried.at("/counts/tasks").intValue()).isEqualTo(2);
        assertThat(retried.at("/counts/indexed").intValue()).isEqualTo(2);
        JsonNode original = api.get("/api/runs/" + id).body();
        assertThat(original.at("/retried_by/0").textValue())
                .isEqualTo(retry.get("run_id").textValue());
        assertThat(original.get("finished_at")).isEqualTo(finishedAt);
        assertListed(retry.get("run_id").textValue(), id);
        assertThat(code(api.post("/api/runs/" + retry.get("run_id").textValue() + "/retry", "")))
                .isEqualTo("run.nothing-failed");
        api.deleteTopic("retried-run");
    }

    /** The newer run comes first, whatever the pages. */
    private void assertListed(String newer, String older) {
        List<String> ids = new ArrayList<>();
        List<Instant> began = new ArrayList<>();
        String after = "";
        do {
            JsonNode page =
                    Api.require(api.get("/api/runs?limit=3" + after), 200).body();
            for (JsonNode run : page.get("runs")) {
                ids.add(run.get("run_id").textValue());
                began.add(Instant.parse(run.get("started_at").textValue()));
            }
            after = page.get("next").isNull()
                    ? ""
                    : "&after=" + Api.encode(page.get("next").textValue());
        } while (!after.isEmpty() && !ids.contains(older));
        assertThat(ids).doesNotHaveDuplicates().containsSubsequence(newer, older);
        assertThat(began).isSortedAccordingTo(Comparator.reverseOrder());
        assertThat(api.get("/api/runs?limit=1&after=" + newer)
                        .body()
                        .at("/runs/0/run_id")
                        .textValue())
                .as("the id of a run is a place as well")
                .isEqualTo(ids.get(ids.indexOf(newer) + 1));
        JsonNode waited = api.get("/api/runs?wait=1&alert_id=" + Api.encode("retry of " + older))
                .body();
        assertThat(waited.get("runs")).hasSize(1);
        assertThat(waited.at("/runs/0/run_id").textValue()).isEqualTo(newer);
        for (String bad : List.of("wait=abc", "wait=-1", "wait=99999999999999999999", "after=no-run")) {
            assertThat(code(api.get("/api/runs?" + bad))).as(bad).isEqualTo("parameter.invalid");
        }
    }

    /** What still does not work is a dead letter again, and no second failure of its run. */
    private void replay(String runId) {
        String order = "{\"topology\":\"capture\",\"key\":\"" + runId + "/retried-pages/nor-this\"";
        List<JsonNode> before = letters(runId + "/retried-pages/nor-this");
        assertThat(before).hasSize(1);
        JsonNode replayed = Api.require(api.post("/api/dead-letters/replay", order + "}"), 200)
                .body();
        assertThat(replayed.get("replayed").intValue()).as(replayed.toString()).isEqualTo(1);
        Awaitility.await("it fails again")
                .atMost(Duration.ofSeconds(20))
                .until(() -> letters(runId + "/retried-pages/nor-this").size() == 2);
        JsonNode place = before.getFirst();
        JsonNode again = Api.require(
                        api.post(
                                "/api/dead-letters/replay",
                                "{\"topology\":\"capture\",\"partition\":0,\"offset\":" + place.get("offset") + "}"),
                        200)
                .body();
        assertThat(again.get("already_replayed").intValue()).isEqualTo(1);
        assertThat(letters(runId + "/retried-pages/nor-this"))
                .extracting(letter -> letter.get("replayed").booleanValue())
                .containsExactly(false, true);
        assertThat(api.get("/api/runs/" + runId).body().at("/counts/failed").intValue())
                .isEqualTo(2);
    }

    private List<JsonNode> letters(String key) {
        List<JsonNode> found = new ArrayList<>();
        for (JsonNode letter : Api.require(api.get("/api/dead-letters?topology=capture&limit=500"), 200)
                .body()
                .get("dead_letters")) {
            if (key.equals(letter.path("key").asText())) {
                found.add(letter);
            }
        }
        return found;
    }

    private static String code(Answer answer) {
        return answer.body().path("code").asText();
    }

    private void put(String id, String topic, String uri, double rate, List<String> values, int status) {
        var config = Api.JSON
                .createObjectNode()
                .put("topic", topic)
                .put("segment", "pages")
                .put("batch_size", 2)
                .put("api_rate_limit", rate);
        config.putObject("source").put("type", "file").put("uri", uri);
        ArrayNode list = config.putArray("data_list");
        values.forEach(value -> list.addObject().put("value", value).put("label", "Page " + value));
        Api.require(api.put("/api/processors/" + id, config.toString()), status);
    }
}
