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
