package io.penstock.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.pulsar.kafka.shade.avro.generic.GenericRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A kill in the middle of a run loses nothing, doubles nothing and changes nothing; neither does a stop after it. */
@Timeout(300)
@ExtendWith(SharedPenstock.class)
class KillIT {
    private static final String TOPIC = "killed";
    private static final String PROCESSOR = "killed-statements";
    private static final int NTH_STATEMENT = 2;
    private static final int STATEMENTS = Statements.COUNT / NTH_STATEMENT;
    private static final int REQUESTS_PER_SECOND = 12;
    private static final int KILL_FROM = 10;
    private static final int KILL_TO = 70;

    private final PenstockProcess undisturbed;

    KillIT(PenstockProcess undisturbed) {
        this.undisturbed = undisturbed;
    }

    @BeforeAll
    static void assumeThatTheTextIsThere() {
        Statements.assumePresent();
    }

    @Test
    void shouldEndARunThatWasKilledAsIfItHadNotBeen() {
        Statements.prepareEach(NTH_STATEMENT, undisturbed.api(), TOPIC, PROCESSOR, 1_000);
        assertThat(undisturbed
                        .api()
                        .collected(TOPIC, Statements.SEGMENT)
                        .path("state")
                        .asText())
                .isEqualTo("DONE");
        try (PenstockProcess penstock =
                new PenstockProcess("killed").with("PENSTOCK_CAPTURE_FOLDERS", Statements.FOLDER)) {
            penstock.start();
            Statements.prepareEach(NTH_STATEMENT, penstock.api(), TOPIC, PROCESSOR, REQUESTS_PER_SECOND);
            String run = penstock.api().collect(TOPIC, Statements.SEGMENT).getFirst();
            Awaitility.await("the run is under way")
                    .atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> captured(penstock, run) >= KILL_FROM);
            int capturedBefore = captured(penstock, run);

            penstock.kill();
            assertThat(capturedBefore).as("captured before the kill").isLessThanOrEqualTo(KILL_TO);
            penstock.start();

            assertEndedComplete(penstock, run);
            assertSameChunks(penstock);
            assertSurvivesAStop(penstock, run);
        }
    }

    private static int captured(PenstockProcess penstock, String run) {
        return penstock.api()
                .get("/api/runs/" + run)
                .body()
                .at("/counts/captured")
                .intValue();
    }

    private static void assertEndedComplete(PenstockProcess penstock, String runId) {
        JsonNode run = penstock.api().ended(runId);
        assertThat(run.get("state").textValue()).isEqualTo("DONE");
        for (String count : List.of("tasks", "captured", "enriched", "indexed")) {
            assertThat(run.get("counts").get(count).intValue()).as(count).isEqualTo(STATEMENTS);
        }
        assertThat(run.at("/counts/failed").intValue()).isZero();
        try (KafkaReader kafka = new KafkaReader(penstock)) {
            assertThat(kafka.values("inference"))
                    .filteredOn(inference -> runId.equals(String.valueOf(inference.get("run_id"))))
                    .hasSize(STATEMENTS)
                    .extracting(inference -> String.valueOf(inference.get("item")))
                    .doesNotHaveDuplicates();
        }
        assertThat(penstock.api().records(TOPIC, Statements.SEGMENT)).hasSize(STATEMENTS);
    }

    private void assertSameChunks(PenstockProcess penstock) {
        Map<String, ByteBuffer> expected = vectors(undisturbed);
        assertThat(expected).hasSizeGreaterThan(STATEMENTS);
        assertThat(vectors(penstock)).isEqualTo(expected);
        assertThat(penstock.api().entries("vector-index", TOPIC + "/"))
                .extracting(entry -> entry.get("key").textValue())
                .containsExactlyInAnyOrderElementsOf(expected.keySet());
    }

    /** The vectors of the statements' chunks, by chunk id. */
    private static Map<String, ByteBuffer> vectors(PenstockProcess penstock) {
        Map<String, ByteBuffer> vectors = new HashMap<>();
        try (KafkaReader kafka = new KafkaReader(penstock)) {
            for (Map.Entry<String, GenericRecord> chunk : kafka.newest("chunk").entrySet()) {
                if (chunk.getKey().startsWith(TOPIC + "/")) {
                    vectors.put(chunk.getKey(), (ByteBuffer) chunk.getValue().get("embedding"));
                }
            }
        }
        return vectors;
    }

    private static void assertSurvivesAStop(PenstockProcess penstock, String run) {
        JsonNode runBefore = penstock.api().ended(run);
        List<String> hitsBefore = hits(penstock);
        int chunks = penstock.api().entries("vector-index", "").size();

        penstock.stop();
        penstock.start();

        assertThat(penstock.api().metric("penstock_index_chunks_restored_total"))
                .as("chunks replayed into the index")
                .isZero();
        assertThat(penstock.api().entries("vector-index", "")).hasSize(chunks);
        assertThat(penstock.api().ended(run)).isEqualTo(runBefore);
        assertThat(penstock.api().records(TOPIC, Statements.SEGMENT)).hasSize(STATEMENTS);
        assertThat(hitsBefore).hasSize(10);
        assertThat(hits(penstock)).isEqualTo(hitsBefore);
    }

    private static List<String> hits(PenstockProcess penstock) {
        return Api.require(
                        penstock.api()
                                .get("/api/search?topic=" + TOPIC + "&k=10&q="
                                        + Api.encode("asset purchases of mortgage-backed securities")),
                        200)
                .body()
                .findValuesAsText("id");
    }
}
