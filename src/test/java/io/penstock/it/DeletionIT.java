package io.penstock.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is deleted is gone everywhere, and may be created anew. */
@Timeout(180)
@ExtendWith(SharedPenstock.class)
class DeletionIT {
    private static final Set<String> KNOWLEDGE = Set.of("records", "ledger", "enriched", "vector-index", "catalog");
    private static final Duration INDEX_PATIENCE = Duration.ofSeconds(10);

    private final PenstockProcess penstock;
    private final Api api;

    DeletionIT(PenstockProcess penstock) {
        this.penstock = penstock;
        this.api = penstock.api();
    }

    @Test
    void shouldRemoveEverythingOfATopicAndLetItBeginAnew() throws IOException {
        api.create("doomed", "notes");
        api.inlineProcessor("doomed-notes", "doomed", "notes", item("one"), item("two"));
        assertThat(api.collected("doomed", "notes").get("state").textValue()).isEqualTo("DONE");
        try (KafkaReader kafka = new KafkaReader(penstock)) {
            assertThat(named(kafka.topics())).contains("raw.doomed").hasSizeGreaterThan(1);
            assertThat(named(kafka.groups())).isNotEmpty();
            assertThat(named(stateFolders())).isNotEmpty();
            for (String store : KNOWLEDGE) {
                assertThat(api.entries(store, "doomed")).as(store).isNotEmpty();
            }

            assertThat(api.deleteTopic("doomed").status()).isEqualTo(200);

            assertThat(named(kafka.topics())).isEmpty();
            assertThat(named(kafka.groups())).isEmpty();
            assertThat(named(stateFolders())).isEmpty();
            assertGone("doomed");
        }
        assertThat(api.deleteTopic("doomed").status()).isEqualTo(404);
        assertThat(api.get("/api/processors/doomed-notes").body().get("state").textValue())
                .isEqualTo("WAITING");

        api.create("doomed", "notes");
        JsonNode again = api.collected("doomed", "notes");

        assertThat(again.get("state").textValue()).isEqualTo("DONE");
        assertThat(again.at("/counts/indexed").intValue()).isEqualTo(2);
        assertThat(again.at("/counts/unchanged").intValue()).isZero();
        assertThat(api.records("doomed", "notes")).hasSize(2);
        assertThat(api.deleteTopic("doomed").status()).isEqualTo(200);
    }

    @Test
    void shouldRemoveTheRecordsOfOneSegmentOnly() {
        api.create("pruned", "kept", "lost");
        api.inlineProcessor("pruned-kept", "pruned", "kept", item("one"), item("two"));
        api.inlineProcessor("pruned-lost", "pruned", "lost", item("one"), item("two"), item("three"));
        JsonNode run = api.collected("pruned", "kept", "lost");
        assertThat(run.get("state").textValue()).isEqualTo("DONE");
        assertThat(run.at("/counts/indexed").intValue()).isEqualTo(5);

        Answer deleted =
                api.post("/api/segment", "{\"topic\":\"pruned\",\"segment\":\"lost\",\"segment_action\":\"delete\"}");

        assertThat(deleted.status()).isEqualTo(200);
        assertGone("pruned/lost");
        for (String store : List.of("records", "ledger", "enriched", "vector-index")) {
            assertThat(api.entries(store, "pruned/kept/")).as(store).hasSize(2);
        }
        assertThat(api.records("pruned", "kept")).hasSize(2);
        assertThat(api.get("/api/topics/pruned/segments/lost/records").code()).isEqualTo("segment.unknown");
        assertThat(api.collected("pruned", "kept").at("/counts/unchanged").intValue())
                .isEqualTo(2);
        assertThat(Api.require(api.get("/api/search?topic=pruned&q=fair"), 200)
                        .body()
                        .get("hits")
                        .findValuesAsText("segment"))
                .containsOnly("kept");
    }

    @Test
    void shouldRemoveOneRecordAndCollectItAnewThoughNothingHasChanged() {
        api.create("plucked", "notes");
        api.inlineProcessor("plucked-notes", "plucked", "notes", item("one"), item("a/b c"));
        assertThat(api.collected("plucked", "notes").get("state").textValue()).isEqualTo("DONE");
        String record = "/api/topics/plucked/segments/notes/records/a/b%20c";
        String search = "/api/search?topic=plucked&mode=lexical&q=b";
        assertThat(Api.require(api.get(search), 200).body().get("hits")).hasSize(1);

        JsonNode deleted = Api.require(api.delete(record), 200).body();

        assertThat(deleted.get("outcome").textValue()).isEqualTo("deleted");
        assertThat(deleted.at("/records/0/id").textValue()).isEqualTo("plucked/notes/plucked-notes/a/b c");
        assertThat(deleted.at("/records/0/chunks").intValue()).isEqualTo(1);
        assertThat(Api.require(api.get(search), 200).body().get("hits")).isEmpty();
        for (String store : List.of("records", "ledger", "enriched", "vector-index")) {
            assertThat(api.entries(store, "plucked/")).as(store).hasSize(1);
        }
        assertThat(api.get(record).status()).isEqualTo(404);
        assertThat(api.delete(record).code()).isEqualTo("key.unknown");

        JsonNode again = api.collected("plucked", "notes");

        assertThat(again.at("/counts/unchanged").intValue()).isEqualTo(1);
        assertThat(again.at("/counts/indexed").intValue()).isEqualTo(1);
        assertThat(Api.require(api.get(search), 200).body().get("hits")).hasSize(1);
    }

    @Test
    void shouldDeleteTheRecordThatIsNamedAndNoOther() {
        api.create("namesakes", "notes");
        api.inlineProcessor(
                "namesakes-notes",
                "namesakes",
                "notes",
                item("p"),
                item("p;v=2"),
                item("end"),
                item("a/b"),
                item("a//b"));
        assertThat(api.collected("namesakes", "notes").get("state").textValue()).isEqualTo("DONE");
        String records = "/api/topics/namesakes/segments/notes/records";

        assertThat(api.delete(records + "/end/").code()).isEqualTo("key.unknown");
        assertThat(api.delete(records + "/p?procesor=nobody").code()).isEqualTo("parameter.invalid");
        assertThat(api.delete(records + "/p?processor=").code()).isEqualTo("parameter.invalid");
        Api.require(api.delete(records + "/p;v=2"), 200);
        Api.require(api.delete(records + "/a//b"), 200);

        assertThat(api.records("namesakes", "notes"))
                .extracting(record -> record.get("item").textValue())
                .containsExactlyInAnyOrder("p", "end", "a/b");
        assertThat(api.get(records + "/p;v=2").code()).isEqualTo("key.unknown");
        assertThat(api.get("/api/stores/records/namesakes/notes/namesakes-notes/a//b")
                        .code())
                .isEqualTo("key.unknown");
    }

    @Test
    void shouldDeleteWhatIsGoneFromItsSourceWhereThatIsWanted() {
        api.create("swept", "notes");
        String config = "{\"topic\":\"swept\",\"segment\":\"notes\",\"removed_items\":\"delete\",\"data_list\":[%s%s]}";
        String kept =
                "{\"value\":\"kept\",\"text\":\"The ferry keeps to its winter timetable until the end of March.\"}";
        String lost =
                ",{\"value\":\"lost\",\"text\":\"The paddle steamer leaves the eastern pier at half past nine.\"}";
        Api.require(api.put("/api/processors/swept-notes", config.formatted(kept, lost)), 201);
        assertThat(api.collected("swept", "notes").at("/counts/indexed").intValue())
                .isEqualTo(2);

        Api.require(api.put("/api/processors/swept-notes", config.formatted(kept, "")), 200);
        assertThat(api.collected("swept", "notes").at("/counts/unchanged").intValue())
                .isEqualTo(1);

        Awaitility.await("what is gone is deleted after the run")
                .atMost(INDEX_PATIENCE)
                .untilAsserted(() -> {
                    for (String store : List.of("records", "ledger", "enriched", "vector-index")) {
                        assertThat(api.entries(store, "swept/")).as(store).hasSize(1);
                    }
                });
        assertThat(api.records("swept", "notes"))
                .extracting(record -> record.get("item").textValue())
                .containsExactly("kept");
    }

    @Test
    void shouldEndTheRunOfATopicThatIsDeletedMeanwhile() throws IOException {
        api.create("hurried", "notes");
        slowProcessor("hurried-notes", "hurried", "notes", 200, 40);
        String run = api.collect("hurried", "notes").getFirst();
        awaitIndexed(run, 5);

        assertThat(api.deleteTopic("hurried").status()).isEqualTo(200);

        JsonNode ended = api.ended(run);
        assertThat(ended.get("state").textValue()).isEqualTo("FAILED");
        assertThat(ended.path("code").asText()).isEqualTo("topic.deleted");
        assertThat(ended.get("failures").findValuesAsText("code")).containsExactly("topic.deleted");
        assertGone("hurried");
        try (KafkaReader kafka = new KafkaReader(penstock)) {
            assertThat(kafka.topics()).noneMatch(name -> name.contains("hurried"));
            assertThat(kafka.groups()).noneMatch(name -> name.contains("hurried"));
        }
        assertThat(stateFolders()).noneMatch(name -> name.contains("hurried"));
        for (JsonNode topology : api.get("/api/topologies").body().get("topologies")) {
            assertThat(topology.get("restarts").intValue())
                    .as(topology.get("name").textValue())
                    .isZero();
        }
    }

    @Test
    void shouldGoOnWithTheOtherSegmentsOfARunWhenOneIsDeletedMeanwhile() {
        api.create("halved", "kept", "lost");
        slowProcessor("halved-kept", "halved", "kept", 60, 20);
        slowProcessor("halved-lost", "halved", "lost", 100, 20);
        String run = api.collect("halved", "kept", "lost").getFirst();
        awaitIndexed(run, 5);

        Answer deleted =
                api.post("/api/segment", "{\"topic\":\"halved\",\"segment\":\"lost\",\"segment_action\":\"delete\"}");

        assertThat(deleted.status()).isEqualTo(200);
        assertGone("halved/lost");
        JsonNode ended = api.ended(run);
        assertThat(ended.get("state").textValue()).as(ended.toString()).isEqualTo("PARTIAL");
        assertThat(ended.get("failures").findValuesAsText("code")).containsExactly("topic.deleted");
        assertThat(ended.at("/counts/tasks").intValue()).isEqualTo(160);
        assertThat(ended.at("/counts/indexed").intValue()
                        + ended.at("/counts/failed").intValue())
                .isEqualTo(160);
        assertThat(ended.at("/counts/indexed").intValue()).isGreaterThanOrEqualTo(60);
        for (String store : List.of("records", "ledger", "enriched", "vector-index")) {
            assertThat(api.entries(store, "halved/kept/")).as(store).hasSize(60);
        }
        assertThat(api.records("halved", "kept")).hasSize(60);
        assertGone("halved/lost");
    }

    @Test
    void shouldForgetWhatConversationsQuoteOfADeletedTopicAndKeepTheRest() {
        for (String topic : List.of("quoted", "other")) {
            api.create(topic, "notes");
            api.inlineProcessor(
                    topic + "-notes",
                    topic,
                    "notes",
                    new InlineItem("one", "Note one", "The harbour master of " + topic + " opens the gate at six."));
            assertThat(api.collected(topic, "notes").get("state").textValue()).isEqualTo("DONE");
        }
        String session = "conversation-" + UUID.randomUUID();
        for (String topic : List.of("quoted", "other")) {
            String body = "{\"message\":\"When does the harbour master open the gate?\",\"topic\":\"" + topic
                    + "\",\"session_id\":\"" + session + "\"}";
            assertThat(Api.require(api.post("/api/chat", body), 200)
                            .body()
                            .path("answered")
                            .asBoolean())
                    .isTrue();
        }
        assertThat(api.entries("conversations", session).toString()).contains("quoted", "other");

        assertThat(api.deleteTopic("quoted").status()).isEqualTo(200);

        assertThat(api.entries("conversations", session).toString())
                .contains("The harbour master of other")
                .doesNotContain("quoted");
        assertThat(api.deleteTopic("other").status()).isEqualTo(200);
        assertThat(api.entries("conversations", session)).isEmpty();
    }

    private void awaitIndexed(String run, int items) {
        Awaitility.await("the run is under way")
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(50))
                .until(() ->
                        api.get("/api/runs/" + run).body().at("/counts/indexed").intValue() >= items);
    }

    private void slowProcessor(String id, String topic, String segment, int items, int perSecond) {
        var config = Api.JSON
                .createObjectNode()
                .put("topic", topic)
                .put("segment", segment)
                .put("api_rate_limit", perSecond);
        var list = config.putArray("data_list");
        for (int i = 0; i < items; i++) {
            list.addObject()
                    .put("value", "v" + i)
                    .put("text", "Entry " + i + " tells that the water rose by " + i + " centimetres before noon.");
        }
        Api.require(api.put("/api/processors/" + id, config.toString()), 201);
    }

    /** The index follows the deletion of chunks within its refresh; everything else is gone when the call is answered. */
    private void assertGone(String prefix) {
        for (String store : KNOWLEDGE) {
            if (!store.equals("vector-index")) {
                assertThat(api.entries(store, prefix)).as(store).isEmpty();
            }
        }
        Awaitility.await("the index has followed")
                .atMost(INDEX_PATIENCE)
                .untilAsserted(
                        () -> assertThat(api.entries("vector-index", prefix)).isEmpty());
    }

    private static List<String> named(Collection<String> names) {
        return names.stream().filter(name -> name.contains("doomed")).toList();
    }

    private List<String> stateFolders() throws IOException {
        try (Stream<Path> folders = Files.list(penstock.data().resolve("streams"))) {
            return folders.map(folder -> folder.getFileName().toString()).toList();
        }
    }

    private static InlineItem item(String value) {
        return new InlineItem(
                value,
                "About " + value,
                "This is what the paper had to say about number " + value + " on the morning after the fair.");
    }
}
