package io.penstock.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Searches over HTTP: what they can be narrowed to, and how they wait for a run. */
@Timeout(120)
@ExtendWith(SharedPenstock.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SearchIT {
    private static final int NOTES = 40;
    /** One each second: more seconds than the search waits. */
    private static final int SLOW = 6;

    private static final String TOPIC = "searching";

    private final Api api;

    SearchIT(PenstockProcess penstock) {
        api = penstock.api();
    }

    @BeforeAll
    void collect() {
        api.create(TOPIC, "notes", "letters");
        api.inlineProcessor("searching-notes", TOPIC, "notes", items("note"));
        api.inlineProcessor("searching-letters", TOPIC, "letters", items("letter"));
    }

    private static InlineItem[] items(String kind) {
        List<InlineItem> items = new ArrayList<>();
        for (int i = 0; i < NOTES; i++) {
            items.add(new InlineItem(
                    kind + "-" + i,
                    "The " + kind + " with number " + i,
                    "This " + kind + " number " + i + " tells of the fog that lay over the harbour that morning."));
        }
        return items.toArray(InlineItem[]::new);
    }

    @Test
    void shouldSeeAllOfARunThatIsNamedAndNarrowASearchToWhatIsAskedFor() {
        String run = api.collect(TOPIC, "notes", "letters").getFirst();

        JsonNode early =
                Api.require(search("&k=100&run=" + run + "&wait=60"), 200).body();

        assertThat(early.get("hits")).hasSize(2 * NOTES);
        assertThat(early.at("/shards/answered").intValue()).isEqualTo(4);
        assertThat(found("&processor=searching-letters&k=100"))
                .hasSize(NOTES)
                .allMatch(item -> item.startsWith("letter-"));
        assertThat(found("&item=note-7")).containsExactly("note-7");
        assertThat(found("&item=note-7&segment=letters")).isEmpty();
        assertThat(found("&label=none")).isEmpty();
        assertThat(found("&from=2020-01-01T00:00:00Z&to=2099-01-01T00:00:00Z&k=100"))
                .hasSize(2 * NOTES);
        assertThat(found("&to=2020-01-01T00:00:00Z")).isEmpty();
        for (String mode : List.of("dense", "lexical", "hybrid&fusion=rank")) {
            assertThat(found("&mode=" + mode + "&processor=searching-notes&k=5"))
                    .hasSize(5)
                    .allMatch(item -> item.startsWith("note-"));
        }
        JsonNode answer = Api.require(
                        api.post(
                                "/api/chat",
                                Api.JSON
                                        .createObjectNode()
                                        .put("message", "What lay over the harbour that morning?")
                                        .put("topic", TOPIC)
                                        .put("run_id", run)
                                        .toString()),
                        200)
                .body();
        assertThat(answer.get("answered").booleanValue()).isTrue();
    }

    @Test
    void shouldSayThatItIsNotReadyWhenTheRunHasNotEndedInTime() {
        api.create("searching-slowly", "notes");
        var config = Api.JSON
                .createObjectNode()
                .put("topic", "searching-slowly")
                .put("segment", "notes")
                .put("api_rate_limit", 1);
        var list = config.putArray("data_list");
        for (InlineItem item : List.of(items("slow")).subList(0, SLOW)) {
            list.addObject()
                    .put("value", item.value())
                    .put("label", item.label())
                    .put("text", item.text());
        }
        Api.require(api.put("/api/processors/searching-slowly", config.toString()), 201);
        String run = api.collect("searching-slowly", "notes").getFirst();

        Answer answer = api.get("/api/search?q=fog&run=" + run + "&wait=1");

        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.code()).isEqualTo("not-ready");
        assertThat(answer.headers().firstValue("Retry-After")).isPresent();
    }

    @Test
    void shouldRefuseWhatASearchCannotBeNarrowedTo() {
        assertThat(api.get("/api/search?q=fog&run=nothing").code()).isEqualTo("run.unknown");
        assertThat(api.get("/api/search?q=fog&from=yesterday").code()).isEqualTo("parameter.invalid");
        assertThat(api.get("/api/search?q=fog&fusion=cold").code()).isEqualTo("parameter.invalid");
        assertThat(api.get("/api/search?q=fog&wait=61").code()).isEqualTo("parameter.invalid");
        assertThat(api.post("/api/chat", "{\"message\":\"fog?\",\"run_id\":\"nothing\"}")
                        .code())
                .isEqualTo("run.unknown");
    }

    private Answer search(String more) {
        return api.get("/api/search?topic=" + TOPIC + "&q=" + Api.encode("fog over the harbour") + more);
    }

    private List<String> found(String more) {
        return Api.require(search(more), 200).body().get("hits").findValuesAsText("item");
    }
}
