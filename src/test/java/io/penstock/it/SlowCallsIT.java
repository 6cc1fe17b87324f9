package io.penstock.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/**
 * Calls of 30 s with the default settings: nobody but those who wait for them notices. And when all is done, nothing is written any
 * more; {@code ./penstock soak idle} watches that for longer, and prints what is written to {@code target/soak/idle.json}.
 */
@Timeout(300)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SlowCallsIT {
    private static final Duration CALL = Duration.ofSeconds(30);
    private static final int SLOW_ITEMS = 8;
    private static final Duration PROMPT = Duration.ofSeconds(10);
    private static final Duration IDLE = Duration.ofSeconds(Integer.getInteger("penstock.soak.idle.seconds", 12));
    /** An instance says every 2 s that it is there. */
    private static final String HEARTBEATS = "instance";

    private static SlowServer server;
    private static PenstockProcess penstock;

    @BeforeAll
    static void start() throws IOException {
        server = new SlowServer(CALL);
        penstock = new PenstockProcess("slow-calls").with("PENSTOCK_CAPTURE_HOSTS", server.authority());
        penstock.start();
        Api api = penstock.api();
        api.create("quick", "notes");
        api.inlineProcessor(
                "notes",
                "quick",
                "notes",
                new InlineItem(
                        "crane", "Crane", "The crane at the north quay lifts forty tonnes and is tested in May."),
                new InlineItem(
                        "pilot", "Pilot", "Vessels that carry fuel need a pilot at night, whatever their length."));
        assertThat(api.collected("quick", "notes").get("state").textValue()).isEqualTo("DONE");
    }

    @AfterAll
    static void stop() {
        if (penstock != null) {
            penstock.close();
        }
        server.close();
    }

    @Test
    @Order(1)
    void shouldServeEverythingElseWhileCallsTakeHalfAMinute() {
        Api api = penstock.api();
        api.create("slow", "pages");
        slowProcessor(api);
        try (KafkaReader kafka = new KafkaReader(penstock)) {
            Awaitility.await("the new topic's group is there")
                    .atMost(PROMPT)
                    .until(() -> kafka.members().keySet().stream()
                            .anyMatch(group -> group.startsWith("penstock-enrichment-slow")));
            Map<String, String> members = kafka.members();
            Instant begin = Instant.now();
            String slow = api.collect("slow", "pages").getFirst();
            Awaitility.await("all slow calls are made").atMost(PROMPT).until(() -> server.asked() == SLOW_ITEMS);

            for (int i = 0; i < 3; i++) {
                assertPrompt(() -> assertThat(
                                api.collected("quick", "notes").get("state").textValue())
                        .isEqualTo("DONE"));
                assertPrompt(() -> assertThat(api.ask("Which vessels need a pilot at night?", "quick")
                                .body()
                                .toString())
                        .contains("need a pilot at night"));
            }
            assertThat(server.answered())
                    .as("slow calls that have ended meanwhile")
                    .isZero();

            JsonNode run = api.ended(slow);
            assertThat(Duration.between(begin, Instant.now())).isGreaterThan(CALL);
            assertThat(run.get("state").textValue()).as(run.toString()).isEqualTo("DONE");
            assertThat(run.at("/counts/indexed").intValue()).isEqualTo(SLOW_ITEMS);
            assertThat(api.records("slow", "pages")).hasSize(SLOW_ITEMS);
            assertThat(server.asked()).as("calls, none made twice").isEqualTo(SLOW_ITEMS);
            assertThat(kafka.members())
                    .as("members of groups and their partitions")
                    .isEqualTo(members);
        }
        assertUndisturbed();
    }

    @Test
    @Order(2)
    void shouldAddNoRecordWhenThereIsNoWork() {
        assertThat(penstock.api().collected("quick", "notes").get("state").textValue())
                .isEqualTo("DONE");
        try (KafkaReader kafka = new KafkaReader(penstock)) {
            Map<TopicPartition, Long> before = atRest(kafka);
            Awaitility.await().pollDelay(IDLE).atMost(IDLE.plusSeconds(30)).until(() -> true);
            Map<TopicPartition, Long> after = kafka.ends();

            Map<String, Long> grown = grown(before, after);
            Long heartbeats = grown.remove(HEARTBEATS);
            PenstockProcess.write(
                    Path.of("target", "soak", "idle.json"),
                    Api.JSON
                                    .createObjectNode()
                                    .put("seconds", IDLE.toSeconds())
                                    .put("topics", kafka.topics().size())
                                    .put(
                                            "records",
                                            grown.values().stream()
                                                    .mapToLong(Long::longValue)
                                                    .sum())
                                    .put("heartbeats", heartbeats == null ? 0 : heartbeats)
                                    .set("grown", Api.JSON.valueToTree(grown))
                            + "\n");
            assertThat(grown)
                    .as("records that were added in %s, by partition", IDLE)
                    .isEmpty();
            assertThat(heartbeats).as("heartbeats").isBetween(IDLE.toSeconds() / 4, IDLE.toSeconds());
            assertThat(after.keySet())
                    .as("what was watched")
                    .extracting(TopicPartition::topic)
                    .contains(
                            "__consumer_offsets", "__transaction_state", "chunk", "penstock-capture-pending-changelog");
        }
        assertUndisturbed();
    }

    /** The ends of all partitions, once what the last work brought about is written. */
    private static Map<TopicPartition, Long> atRest(KafkaReader kafka) {
        List<Map<TopicPartition, Long>> seen = new ArrayList<>(List.of(kafka.ends()));
        Awaitility.await("the work is over")
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofSeconds(2))
                .until(() -> {
                    seen.add(kafka.ends());
                    Map<String, Long> grown = grown(seen.get(seen.size() - 2), seen.getLast());
                    grown.remove(HEARTBEATS);
                    return grown.isEmpty();
                });
        return seen.getLast();
    }

    private static Map<String, Long> grown(Map<TopicPartition, Long> before, Map<TopicPartition, Long> after) {
        Map<String, Long> grown = new TreeMap<>();
        after.forEach((partition, end) -> {
            long added = end - before.getOrDefault(partition, 0L);
            if (added != 0) {
                grown.merge(partition.topic().equals(HEARTBEATS) ? HEARTBEATS : partition.toString(), added, Long::sum);
            }
        });
        return grown;
    }

    private static void slowProcessor(Api api) {
        var config = Api.JSON.createObjectNode().put("topic", "slow").put("segment", "pages");
        var list = config.putArray("data_list");
        IntStream.rangeClosed(1, SLOW_ITEMS).forEach(i -> list.add("harbour-" + i));
        config.putObject("source").put("type", "http").put("uri", "http://" + server.authority() + "/{value}");
        Api.require(api.put("/api/processors/slow-pages", config.toString()), 201);
    }

    private static void assertPrompt(Runnable work) {
        Instant begin = Instant.now();
        work.run();
        assertThat(Duration.between(begin, Instant.now())).isLessThan(PROMPT);
    }

    private static void assertUndisturbed() {
        List<JsonNode> topologies = penstock.api().get("/api/topologies").body().findParents("restarts");
        assertThat(topologies).as("topologies that tell of their restarts").isNotEmpty();
        for (JsonNode topology : topologies) {
            assertThat(topology.get("restarts").intValue())
                    .as("restarts of " + topology)
                    .isZero();
        }
        assertThat(PenstockProcess.text(penstock.log()))
                .doesNotContainIgnoringCase("fenced")
                .doesNotContain("TaskMigrated", "max.poll.interval.ms", "TimeoutException");
    }
}
