package io.penstock.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Two instances that share an index of four partitions, with and without copies, of which one is killed, comes back, and loses its
 * state folder, again and again. Part of {@code ./penstock soak search} only; its short form is VectorIndexOnTwoInstancesTest.
 */
@Timeout(3_600)
class SearchSoak {
    private static final int ROUNDS = Integer.getInteger("penstock.soak.search", 1);
    private static final String KEY = "one-key-for-all-instances";
    private static final Duration SETTLED = Duration.ofSeconds(90);
    private static final List<String> QUERIES =
            List.of("asset purchases", Statements.QUESTION, "inflation", "labor market");

    private int kills;
    private long slowestMs;
    private long replayedMost;

    @Test
    void shouldGiveTheSameHitsWhateverBecomesOfAnInstance() throws Exception {
        Statements.assumePresent();
        for (int standbys = 0; standbys <= 1; standbys++) {
            try (PenstockProcess broker = new PenstockProcess("search-broker-" + standbys)
                            .with("PENSTOCK_ROLES", "broker")
                            .with("PENSTOCK_API_KEY", KEY)
                            .thatRunsForLong()
                            .withHeap(384);
                    PenstockProcess one = instance("one-" + standbys, standbys);
                    PenstockProcess other = instance("other-" + standbys, standbys)) {
                broker.start();
                for (PenstockProcess process : List.of(one, other)) {
                    process.with("KAFKA_BOOTSTRAP_SERVERS", broker.bootstrapServers())
                            .start();
                }
                Statements.collectOnce(one.api());
                awaitWhole(one, other);
                List<List<String>> expected = hits(one);
                Set<String> chunks = chunks(broker);
                for (int round = 0; round < ROUNDS; round++) {
                    round(one, other, standbys > 0, expected);
                    assertThat(keys(one))
                            .as("chunks of the index, beside those of the topic")
                            .isEqualTo(chunks);
                    System.out.println("round " + (round + 1) + " with " + standbys + " standbys");
                }
            }
        }
        ObjectNode summary = Api.JSON
                .createObjectNode()
                .put("kills", kills)
                .put("lost", 0)
                .put("doubled", 0)
                .put("standby_ms", slowestMs)
                .put("replayed_most", replayedMost);
        Files.createDirectories(Path.of("target", "soak"));
        Files.writeString(Path.of("target", "soak", "search.json"), summary + "\n", UTF_8);
    }

    private void round(PenstockProcess one, PenstockProcess other, boolean copied, List<List<String>> expected)
            throws IOException {
        assertThat(hits(one)).isEqualTo(expected);
        assertThat(hits(other)).isEqualTo(expected);
        if (copied) {
            // A copy is there once it answers without whoever it is a copy of; a moment is enough for so few chunks.
            Awaitility.await().pollDelay(Duration.ofSeconds(5)).until(() -> true);
        }

        other.kill();
        kills++;
        long begin = System.nanoTime();
        JsonNode shards = search(one, QUERIES.getFirst()).get("shards");
        if (copied) {
            assertThat(shards.get("answered").intValue()).as("%s", shards).isEqualTo(4);
            assertThat(hits(one)).isEqualTo(expected);
            long took = Duration.ofNanos(System.nanoTime() - begin).toMillis();
            assertThat(took).isLessThan(3_000);
            slowestMs = Math.max(slowestMs, took);
        } else {
            assertThat(shards.get("asked").intValue()).isEqualTo(4);
            assertThat(shards.get("answered").intValue()).as("%s", shards).isLessThan(4);
        }
        Awaitility.await("the survivor has everything")
                .atMost(SETTLED)
                .until(() -> hits(one).equals(expected)
                        && search(one, QUERIES.getFirst()).at("/shards/stale").intValue() == 0);

        other.start();
        awaitWhole(one, other);
        assertThat(hits(other)).isEqualTo(expected);
        replayedMost = Math.max(replayedMost, (long) other.api().metric("penstock_index_chunks_restored_total"));

        other.stop();
        delete(other.data().resolve("streams"));
        other.start();
        awaitWhole(one, other);
        assertThat(hits(one)).isEqualTo(expected);
        assertThat(hits(other)).isEqualTo(expected);
    }

    private static PenstockProcess instance(String name, int standbys) throws IOException {
        PenstockProcess process = new PenstockProcess("search-" + name)
                .with("PENSTOCK_API_KEY", KEY)
                .with("PENSTOCK_CAPTURE_FOLDERS", Statements.FOLDER)
                .thatRunsForLong()
                .withFixedPort()
                .withHeap(640);
        Path file = process.ownTopologies().resolve("vector-index.yaml");
        Files.writeString(
                file, Files.readString(file, UTF_8).stripTrailing() + "\n  num.standby.replicas: " + standbys + "\n");
        return process;
    }

    private static void awaitWhole(PenstockProcess... processes) {
        Awaitility.await("all shards answer from all instances").atMost(SETTLED).until(() -> {
            for (PenstockProcess process : processes) {
                JsonNode shards =
                        process.api().get("/api/search?k=1&q=any").body().path("shards");
                if (shards.path("answered").asInt() != 4 || shards.path("stale").asInt() != 0) {
                    return false;
                }
            }
            return true;
        });
    }

    private static JsonNode search(PenstockProcess process, String query) {
        return Api.require(process.api().get("/api/search?k=20&q=" + Api.encode(query)), 200)
                .body();
    }

    private static List<List<String>> hits(PenstockProcess process) {
        List<List<String>> hits = new ArrayList<>();
        for (String query : QUERIES) {
            hits.add(search(process, query).findValuesAsText("id"));
        }
        return hits;
    }

    private static Set<String> chunks(PenstockProcess broker) {
        try (KafkaReader kafka = new KafkaReader(broker)) {
            return new TreeSet<>(kafka.newest("chunk").keySet());
        }
    }

    private static Set<String> keys(PenstockProcess process) {
        Set<String> keys = new TreeSet<>();
        process.api()
                .entries("vector-index", "")
                .forEach(entry -> keys.add(entry.get("key").textValue()));
        return keys;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
