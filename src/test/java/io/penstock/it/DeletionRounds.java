package io.penstock.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.pulsar.kafka.shade.avro.generic.GenericRecord;
import org.awaitility.Awaitility;

/**
 * Deletes a topic during a run of 160 items, again and again, and kills the application with SIGKILL while it deletes. After each
 * kill everything of the topic must be gone, everything of another topic, which is collected at the same time, must be there
 * exactly once, and the topic must begin anew.
 */
final class DeletionRounds implements AutoCloseable {
    private static final String DOOMED = "doomed";
    private static final String BYSTANDER = "bystander";
    /** Runs are kept, and processors are configuration. */
    private static final Set<String> MAY_NAME_IT = Set.of("runs", "run-items", "processors");

    private static final int DOOMED_ITEMS = 160;
    private static final int BYSTANDER_ITEMS = 60;
    private static final int DOOMED_PER_SECOND = 40;
    private static final int BYSTANDER_PER_SECOND = 20;
    /** The run takes at least 4 s; the deletion begins before it can have ended. */
    private static final int LONGEST_RUN_MS = 3_500;
    /** An undisturbed deletion takes about one second. */
    private static final int LONGEST_DELETION_MS = 700;

    private static final Duration GONE_WITHIN = Duration.ofSeconds(30);
    private static final int MOST_ATTEMPTS = 20;

    private final PenstockProcess penstock;
    private final Random random;
    private int kills;
    private int missed;
    private int lost;
    private int doubled;
    private Duration longestCleaning = Duration.ZERO;

    DeletionRounds(PenstockProcess penstock, long seed) {
        this.penstock = penstock;
        this.random = new Random(seed);
    }

    /** What came of it. A kill that came after the deletion had ended is missed, and is made up for. */
    record Result(int kills, int missed, int lost, int doubled, Duration longestCleaning) {
        String json(long seed) {
            return Api.JSON
                    .createObjectNode()
                    .put("kills", kills)
                    .put("lost", lost)
                    .put("doubled", doubled)
                    .put("missed_kills", missed)
                    .put("longest_cleaning_ms", longestCleaning.toMillis())
                    .put("seed", seed)
                    .toString();
        }
    }

    Result run(int rounds) {
        penstock.start();
        Api api = penstock.api();
        api.create(BYSTANDER, "notes");
        put(api, BYSTANDER, "notes", BYSTANDER_ITEMS, BYSTANDER_PER_SECOND);
        put(api, DOOMED, "notes", DOOMED_ITEMS, DOOMED_PER_SECOND);
        put(api, DOOMED, "extra", 2, 1_000);
        api.create(DOOMED, "notes", "extra");
        while (kills < rounds) {
            assertThat(kills + missed).as("attempts to kill while deleting").isLessThan(rounds + MOST_ATTEMPTS);
            round();
        }
        return new Result(kills, missed, lost, doubled, longestCleaning);
    }

    private void round() {
        Api before = penstock.api();
        String doomedRun = before.collect(DOOMED, "notes").getFirst();
        String bystanderRun = before.collect(BYSTANDER, "notes").getFirst();
        pass(Duration.ofMillis(random.nextInt(LONGEST_RUN_MS)));
        assertThat(before.get("/api/runs/" + doomedRun).body().get("state").asText())
                .as("the run when the deletion begins")
                .isEqualTo("RUNNING");

        boolean killedInTime = killWhileDeleting(before);
        if (killedInTime) {
            kills++;
        } else {
            missed++;
        }
        penstock.start();

        Instant ready = Instant.now();
        Api api = penstock.api();
        try (KafkaReader kafka = new KafkaReader(penstock)) {
            Awaitility.await("nothing names the deleted topic")
                    .atMost(GONE_WITHIN)
                    .pollInterval(Duration.ofMillis(250))
                    .untilAsserted(() -> assertGone(api, kafka));
            Duration cleaning = Duration.between(ready, Instant.now());
            longestCleaning = cleaning.compareTo(longestCleaning) > 0 ? cleaning : longestCleaning;
            assertFailedByDeletion(api.ended(doomedRun));
            countBystanders(api.ended(bystanderRun), kafka);
            assertNoRestarts(api);
            assertBeginsAnew(api, kafka);
            assertGoneBefore(kafka, doomedRun);
        }
        assertNoRestarts(api);
        System.out.printf(
                "round %d: %s, clean at most %d ms after the start%n",
                kills + missed,
                killedInTime ? "killed while DELETING" : "the kill came too late",
                longestCleaning.toMillis());
    }

    /** Whether the deletion was under way when the process was killed. */
    private boolean killWhileDeleting(Api api) {
        CompletableFuture<Answer> deletion = CompletableFuture.supplyAsync(() -> api.deleteTopic(DOOMED));
        Awaitility.await("the topic is DELETING")
                .atMost(Duration.ofSeconds(20))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> deletion.isDone() || !"ACTIVE".equals(stateOf(api, DOOMED)));
        pass(Duration.ofMillis(random.nextInt(LONGEST_DELETION_MS)));
        boolean answered = deletion.isDone();
        penstock.kill();
        try {
            deletion.orTimeout(30, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            return true; // the connection went with the process
        }
        return !answered;
    }

    private static String stateOf(Api api, String topic) {
        for (JsonNode entry : api.get("/api/catalog").body().path("topics")) {
            if (entry.path("topic").asText().equals(topic)) {
                return entry.path("state").asText();
            }
        }
        return "";
    }

    private void assertGone(Api api, KafkaReader kafka) {
        assertThat(named(kafka.topics())).as("Kafka topics").isEmpty();
        assertThat(named(kafka.groups())).as("groups").isEmpty();
        assertThat(named(stateFolders())).as("state folders").isEmpty();
        Set<String> stores = Stream.of(api.get("/api/stores").body().get("stores"))
                .flatMap(list -> IntStream.range(0, list.size()).mapToObj(list::get))
                .map(store -> store.get("name").textValue())
                .filter(store -> !MAY_NAME_IT.contains(store))
                .collect(Collectors.toSet());
        assertThat(stores).contains("catalog", "records", "ledger", "vector-index", "pending", "seen-alerts");
        for (String store : stores) {
            assertThat(api.entries(store, ""))
                    .as(store)
                    .noneMatch(entry -> entry.toString().contains(DOOMED));
        }
    }

    private static void assertFailedByDeletion(JsonNode run) {
        assertThat(run.get("state").textValue()).as(run.toString()).isEqualTo("FAILED");
        assertThat(run.path("code").asText()).isEqualTo("topic.deleted");
        assertThat(run.get("failures").findValuesAsText("code")).contains("topic.deleted");
    }

    private void countBystanders(JsonNode run, KafkaReader kafka) {
        assertThat(run.get("state").textValue()).as(run.toString()).isEqualTo("DONE");
        JsonNode counts = run.get("counts");
        int ended = counts.get("indexed").intValue() + counts.get("unchanged").intValue();
        assertThat(counts.get("tasks").intValue()).isEqualTo(BYSTANDER_ITEMS);
        assertThat(counts.get("captured").intValue()).isEqualTo(BYSTANDER_ITEMS);
        assertThat(ended).as(counts.toString()).isEqualTo(BYSTANDER_ITEMS);
        String runId = run.get("run_id").textValue();
        Map<String, Long> captured = kafka.values("raw." + BYSTANDER).stream()
                .filter(raw -> runId.equals(String.valueOf(raw.get("run_id"))))
                .collect(Collectors.groupingBy(raw -> String.valueOf(raw.get("item")), Collectors.counting()));
        lost += BYSTANDER_ITEMS - captured.size();
        doubled += (int) captured.values().stream().filter(times -> times > 1).count();
        assertThat(lost).as("captures lost").isZero();
        assertThat(doubled).as("captures doubled").isZero();
    }

    private static void assertNoRestarts(Api api) {
        for (JsonNode topology : api.get("/api/topologies").body().get("topologies")) {
            assertThat(topology.get("restarts").intValue())
                    .as("restarts of " + topology.get("name").textValue())
                    .isZero();
        }
    }

    private void assertBeginsAnew(Api api, KafkaReader kafka) {
        api.create(DOOMED, "notes", "extra");
        assertThat(api.records(DOOMED, "notes")).isEmpty();
        assertThat(kafka.values("raw." + DOOMED)).isEmpty();
        JsonNode run = api.collected(DOOMED, "extra");
        assertThat(run.get("state").textValue()).as(run.toString()).isEqualTo("DONE");
        assertThat(run.at("/counts/indexed").intValue()).isEqualTo(2);
        assertThat(run.at("/counts/unchanged").intValue()).isZero();
        assertThat(api.records(DOOMED, "extra")).hasSize(2);
        JsonNode answer = api.ask("What does the log of doomed say about number 1 of extra?", DOOMED)
                .body();
        assertThat(answer.path("answered").asBoolean()).as(answer.toString()).isTrue();
        assertThat(answer.get("citations").findValuesAsText("segment")).containsOnly("extra");
    }

    /** What was captured for the run that the deletion ended is not indexed afterwards. */
    private static void assertGoneBefore(KafkaReader kafka, String runId) {
        assertThat(kafka.newest("chunk").keySet()).noneMatch(id -> id.startsWith(DOOMED + "/notes/"));
        for (GenericRecord raw : kafka.values("raw." + DOOMED)) {
            assertThat(String.valueOf(raw.get("run_id"))).isNotEqualTo(runId);
        }
    }

    private static List<String> named(Collection<String> names) {
        return names.stream().filter(name -> name.contains(DOOMED)).toList();
    }

    private List<String> stateFolders() {
        try (Stream<Path> folders = Files.list(penstock.data().resolve("streams"))) {
            return folders.map(folder -> folder.getFileName().toString()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void put(Api api, String topic, String segment, int items, int perSecond) {
        var config = Api.JSON.createObjectNode().put("topic", topic).put("segment", segment);
        config.put("api_rate_limit", perSecond);
        var list = config.putArray("data_list");
        for (int i = 1; i <= items; i++) {
            list.addObject()
                    .put("value", "item-" + i)
                    .put("label", segment + " number " + i)
                    .put(
                            "text",
                            "The log of " + topic + " says about number " + i + " of " + segment + " that the tide was "
                                    + (i * 7 % 100) + " centimetres above the mark when the lamp was lit.");
        }
        Api.require(api.put("/api/processors/" + topic + "-" + segment, config.toString()), 201);
    }

    /** Lets a random time pass: the moment is the matter here, not a condition. */
    private static void pass(Duration time) {
        Instant until = Instant.now().plus(time);
        Awaitility.await()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .atMost(time.plusSeconds(10))
                .until(() -> !Instant.now().isBefore(until));
    }

    @Override
    public void close() {
        penstock.close();
    }
}
