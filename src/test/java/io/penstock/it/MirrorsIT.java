package io.penstock.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.mirror.PineconeServer;
import io.penstock.mirror.RealMongo;
import io.penstock.mirror.RealRedis;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.bson.Document;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The mirrors of a running application, with their servers down while it collects and deletes. {@code ./penstock soak mirrors} has
 * them down for longer, and prints what is written to {@code target/soak/mirrors.json}.
 */
@Timeout(600)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MirrorsIT {
    private static final int SECONDS = Integer.getInteger("penstock.soak.mirror.seconds", 1);
    private static final String INDEX = "penstock-it";
    private static final Map<String, List<String>> TOPICS = Map.of(
            "pinecone", List.of("chunk"),
            "redis", List.of("penstock-vector-ingestion-records-changelog", "penstock-runs-runs-changelog"),
            "mongodb", List.of("penstock-vector-ingestion-records-changelog"));
    private static final double MOST_UPSERTS = 1.05;

    private final PenstockProcess penstock = new PenstockProcess("mirrors");
    private PineconeServer pinecone;
    private RealRedis redis;
    private RealMongo mongo;
    private Api api;

    @BeforeAll
    void start(@TempDir Path folder) {
        pinecone = new PineconeServer();
        redis = new RealRedis(folder);
        mongo = new RealMongo();
        penstock.with("PINECONE_API_KEY", PineconeServer.KEY)
                .with("PINECONE_INDEX", INDEX)
                .with("PINECONE_HOST", pinecone.host())
                .with("REDIS_URL", redis.url())
                .with("MONGODB_URI", mongo.uri())
                .with("PENSTOCK_SEARCH", "merged");
        penstock.start();
        api = penstock.api();
    }

    @AfterAll
    void stop() {
        penstock.close();
        mongo.close();
        redis.close();
        pinecone.close();
    }

    @Test
    void shouldBeEqualToTheStoresAfterAnOutageDuringCollectionsAndDeletions() {
        api.create("tides", "logs", "signals");
        api.create("doomed", "notes");
        collect("tides", "logs", "keeper", 12);
        collect("tides", "signals", "flags", 5);
        collect("doomed", "notes", "leaves", 5);
        awaitEqual();

        stopServers();
        Instant end = Instant.now().plusSeconds(SECONDS);
        int round = 0;
        do {
            round++;
            collect("tides", "logs", "keeper", 12 + round);
        } while (Instant.now().isBefore(end));
        deleteRecord("tides/logs/tides-logs/item-3");
        Api.require(
                api.post("/api/segment", "{\"topic\":\"tides\",\"segment\":\"signals\",\"segment_action\":\"delete\"}"),
                200);
        Api.require(api.deleteTopic("doomed"), 200);
        for (String name : TOPICS.keySet()) {
            await(name + " is down and has a backlog").untilAsserted(() -> {
                assertThat(mirror(name).path("state").asText()).isEqualTo("DOWN");
                assertThat(mirror(name).path("backlog").asLong()).isPositive();
                assertThat(mirror(name).at("/last_error/code").asText()).isEqualTo("mirror.unreachable");
            });
        }
        assertThat(api.get("/q/health/ready").status()).isEqualTo(200);
        JsonNode found =
                Api.require(api.get("/api/search?q=keeper&topic=tides"), 200).body();
        assertThat(found.get("hits")).isNotEmpty();
        assertThat(found.at("/shards/answered").intValue())
                .as("nothing is missing: the mirror holds a copy only")
                .isEqualTo(found.at("/shards/asked").intValue())
                .isPositive();
        assertThat(PenstockProcess.text(penstock.log()).lines().filter(line -> line.contains("cannot be written to")))
                .as("a warning for each mirror")
                .hasSizeBetween(3, 6);

        startServers();
        awaitEqual();
        assertThat(pinecone.topics()).containsExactly("tides");
        assertThat(mongo.collections()).doesNotContain("doomed");
        Map<String, Double> ratios = ratios();
        report(ratios, round);
        assertThat(ratios)
                .allSatisfy((name, ratio) -> assertThat(ratio).as(name).isLessThanOrEqualTo(MOST_UPSERTS));
        assertThat(PenstockProcess.text(penstock.log())).doesNotContain(PineconeServer.KEY);
        shouldRebuildByOrder();
    }

    private void shouldRebuildByOrder() {
        redis.ask(client -> client.hset("penstock:record:tides/logs/tides-logs/strange", "text", "not live"));
        mongo.ask(database ->
                database.getCollection("tides").insertOne(new Document("_id", "tides/logs/tides-logs/strange")));
        for (String name : TOPICS.keySet()) {
            long before = mirror(name).path("rebuilds").asLong();
            Api.require(api.post("/api/mirrors/" + name + "/rebuild", ""), 202);
            await(name + " is rebuilt")
                    .untilAsserted(() ->
                            assertThat(mirror(name).path("rebuilds").asLong()).isGreaterThan(before));
        }
        awaitEqual();
        assertThat(Api.require(api.post("/api/mirrors/oracle/rebuild", ""), 404)
                        .body()
                        .path("code")
                        .asText())
                .isEqualTo("mirror.unknown");
    }

    /** Each of the items, told by a narrator of that name and number. */
    private void collect(String topic, String segment, String narrator, int items) {
        String id = topic + "-" + segment;
        var config = Api.JSON.createObjectNode().put("topic", topic).put("segment", segment);
        var list = config.putArray("data_list");
        IntStream.range(0, items)
                .forEach(i -> list.addObject()
                        .put("value", "item-" + i)
                        .put("label", "Item " + i)
                        .put(
                                "text",
                                "The " + narrator + " writes entry number " + i + " of " + (i % 3 == 0 ? items : "many")
                                        + ", and the lamp was lit at dusk as on every other evening."));
        assertThat(api.put("/api/processors/" + id, config.toString()).status()).isIn(200, 201);
        assertThat(api.collected(topic, segment).path("state").asText()).isEqualTo("DONE");
    }

    private void deleteRecord(String id) {
        try (KafkaReader kafka = new KafkaReader(penstock)) {
            kafka.send("inference", id.getBytes(UTF_8), null, System.currentTimeMillis());
        }
    }

    private void stopServers() {
        pinecone.stop();
        redis.stop();
        mongo.stop();
    }

    private void startServers() {
        pinecone.startAgain();
        redis.startAgain();
        mongo.startAgain();
    }

    private JsonNode mirror(String name) {
        for (JsonNode mirror : Api.require(api.get("/api/mirrors"), 200).body().get("mirrors")) {
            if (mirror.path("name").asText().equals(name)) {
                return mirror;
            }
        }
        throw new AssertionError("There is no mirror " + name);
    }

    private void awaitEqual() {
        await("every mirror holds the live keys").untilAsserted(() -> {
            Set<String> chunks = keys("vector-index");
            Map<String, String> records = texts();
            Set<String> vectors = new TreeSet<>();
            pinecone.topics().forEach(topic -> vectors.addAll(pinecone.ids(topic)));
            assertThat(vectors).isEqualTo(chunks);

            Map<String, String> hashes = new TreeMap<>();
            Set<String> runs = new TreeSet<>();
            redis.ask(client -> {
                for (String key : client.keys("penstock:record:*")) {
                    hashes.put(key.substring("penstock:record:".length()), client.hget(key, "text"));
                }
                client.keys("penstock:run:*").forEach(key -> runs.add(key.substring("penstock:run:".length())));
                return true;
            });
            assertThat(hashes).isEqualTo(records);
            assertThat(runs).isEqualTo(keys("runs"));

            Map<String, String> documents = new TreeMap<>();
            mongo.ask(database -> {
                for (String collection : database.listCollectionNames()) {
                    if (!collection.startsWith("penstock.")) {
                        for (Document document :
                                database.getCollection(collection).find()) {
                            documents.put(document.getString("_id"), document.getString("text"));
                        }
                    }
                }
                return true;
            });
            assertThat(documents).isEqualTo(records);
            for (String name : TOPICS.keySet()) {
                assertThat(mirror(name).path("state").asText()).isEqualTo("UP");
                assertThat(mirror(name).path("backlog").asLong()).isZero();
            }
        });
    }

    private Set<String> keys(String store) {
        Set<String> keys = new TreeSet<>();
        api.entries(store, "").forEach(entry -> keys.add(entry.path("key").asText()));
        return keys;
    }

    private Map<String, String> texts() {
        Map<String, String> texts = new TreeMap<>();
        api.entries("records", "")
                .forEach(entry -> texts.put(
                        entry.path("key").asText(), entry.at("/value/text").asText()));
        return texts;
    }

    /** Upserts that were acknowledged, by changes that there were. */
    private Map<String, Double> ratios() {
        Map<String, Double> ratios = new HashMap<>();
        try (KafkaReader kafka = new KafkaReader(penstock)) {
            TOPICS.forEach((name, topics) -> {
                long changes = topics.stream()
                        .flatMap(topic -> kafka.committed(topic).stream())
                        .filter(change -> change.value() != null)
                        .count();
                ratios.put(name, mirror(name).path("upserts").asDouble() / changes);
            });
        }
        return ratios;
    }

    private static void report(Map<String, Double> ratios, int rounds) {
        var json = Api.JSON.createObjectNode().put("seconds_down", SECONDS).put("collections_meanwhile", rounds);
        json.put("equal", true);
        new TreeMap<>(ratios).forEach((name, ratio) -> json.put("upserts_per_change_" + name, ratio));
        PenstockProcess.write(Path.of("target", "soak", "mirrors.json"), json + "\n");
    }

    private static org.awaitility.core.ConditionFactory await(String what) {
        return Awaitility.await(what).atMost(Duration.ofSeconds(45)).pollInterval(Duration.ofMillis(250));
    }
}
