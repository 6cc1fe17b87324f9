package io.penstock.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/**
 * 600 items from a server that misbehaves, and 600 from one that is slow while the process is killed. One kill in the regular run;
 * {@code ./penstock soak capture} makes more, and prints what is written to {@code target/soak/capture.json}.
 */
@Timeout(600)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CaptureIT {
    private static final int ITEMS = 600;
    private static final int AT_ONCE = 50;
    private static final int RATE = 100;
    /** Starts that a limiter may make up for, and requests that the machine may bring together on their way. */
    private static final int TOGETHER = 50;

    private static final String CAPTURED_STORE = "captured";
    private static final int TAGGED = 100;
    private static final int KILLS = Integer.getInteger("penstock.soak.capture.kills", 1);

    private static MisbehavingServer server;
    private static PenstockProcess penstock;

    @BeforeAll
    static void start() throws IOException {
        server = new MisbehavingServer(Duration.ofMillis(600));
        penstock = new PenstockProcess("capture").with("PENSTOCK_CAPTURE_HOSTS", server.authority());
        penstock.start();
    }

    @AfterAll
    static void stop() throws IOException {
        penstock.close();
        server.close();
    }

    @Test
    @Order(1)
    void shouldEndExactlyWhateverTheServerDoes() {
        Api api = penstock.api();
        api.create("bad", "pages");
        processor(
                api,
                "bad",
                RATE,
                IntStream.range(0, ITEMS).mapToObj(CaptureIT::item).toList());

        JsonNode run = api.collected("bad", "pages");

        assertThat(run.get("state").textValue()).as(run.toString()).isEqualTo("PARTIAL");
        Map<String, Integer> failures = new TreeMap<>();
        run.get("failures")
                .forEach(failure -> failures.merge(
                        failure.get("code").textValue(), failure.get("count").intValue(), Integer::sum));
        assertThat(failures)
                .isEqualTo(Map.of(
                        "capture.not-found", 30,
                        "capture.refused", 30,
                        "capture.unreachable", 30,
                        "record.too-large", 40));
        assertThat(run.at("/counts/tasks").intValue()).isEqualTo(ITEMS);
        assertThat(run.at("/counts/indexed").intValue()).isEqualTo(440);
        assertThat(run.at("/counts/failed").intValue()).isEqualTo(130);
        assertThat(run.at("/counts/rejected").intValue()).isEqualTo(30);
        try (KafkaReader kafka = new KafkaReader(penstock)) {
            assertThat(kafka.values("enrichment.rejected"))
                    .as("broken JSON")
                    .hasSize(30)
                    .allSatisfy(rejected ->
                            assertThat(String.valueOf(rejected.get("code"))).isEqualTo("content.unsupported"));
        }
        assertThat(api.records("bad", "pages"))
                .hasSize(440)
                .extracting(record -> record.get("text").textValue())
                .allSatisfy(text -> assertThat(text).contains("says that the café at the quay opens"));

        assertWithinTheRate(server.arrivals());
        // The server had more trouble than its items: it was left alone while it was down, and asked again.
        assertThat(server.refusals()).isPositive();
        assertThat(api.metric("penstock_capture_host_openings_total")).isPositive();
        assertThat(api.metric("penstock_capture_hosts_down")).isZero();
    }

    private static String item(int n) {
        String kind = switch (n % 20) {
            case 9 -> "slow";
            case 10 -> "zipped";
            case 11 -> "charset";
            case 12 -> "json";
            case 13 -> n % 60 == 13 ? "endless" : "good";
            case 14 -> "bomb";
            case 15 -> "metadata";
            case 16 -> "reset";
            case 17 -> "gone";
            default -> "good";
        };
        return kind + "-" + n;
    }

    private static void assertWithinTheRate(List<Long> arrivals) {
        long[] sorted = arrivals.stream().mapToLong(Long::longValue).sorted().toArray();
        double seconds = (sorted[sorted.length - 1] - sorted[0]) / 1e9;
        assertThat(sorted.length / seconds).as("requests per second").isLessThan(RATE * 1.02);
        for (int first = 0; first + RATE + TOGETHER < sorted.length; first++) {
            assertThat(sorted[first + RATE + TOGETHER] - sorted[first])
                    .as("nanoseconds for %d requests from the %d. on", RATE + TOGETHER, first)
                    .isGreaterThan(Duration.ofSeconds(1).toNanos());
        }
    }

    @Test
    @Order(2)
    void shouldTransferNextToNothingWhenNothingHasChanged() {
        Api api = penstock.api();
        assumeTrue(
                api.get("/api/stores").body().toString().contains("\"" + CAPTURED_STORE + "\""),
                "skipped: capture keeps nothing that requests could be made conditional by");
        api.create("calm", "pages");
        processor(
                api,
                "calm",
                0,
                IntStream.range(0, TAGGED).mapToObj(n -> "tagged-" + n).toList());
        assertThat(api.collected("calm", "pages").at("/counts/indexed").intValue())
                .isEqualTo(TAGGED);
        long first = server.takeTaggedBytes();

        assertThat(api.collected("calm", "pages").at("/counts/unchanged").intValue())
                .isEqualTo(TAGGED);

        assertThat(server.takeTaggedBytes()).isPositive().isLessThanOrEqualTo(first * 2 / 100);
    }

    @Test
    @Order(3)
    void shouldHaveEachRecordOnceHoweverOftenItIsKilled() {
        penstock.api().create("slow", "pages");
        processor(
                penstock.api(),
                "slow",
                0,
                IntStream.range(0, ITEMS).mapToObj(n -> "patient-" + n).toList());
        String run = penstock.api().collect("slow", "pages").getFirst();
        for (int kill = 1; kill <= KILLS; kill++) {
            int captured = ITEMS * kill / (KILLS + 1);
            Awaitility.await(captured + " items are captured")
                    .atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> captured(run) >= captured);
            assertThat(captured(run)).as("captured before the kill").isLessThan(ITEMS);
            penstock.kill();
            penstock.start();
        }

        JsonNode ended = penstock.api().ended(run);
        try (KafkaReader kafka = new KafkaReader(penstock)) {
            List<String> raw = kafka.values("raw.slow").stream()
                    .map(record -> String.valueOf(record.get("item")))
                    .toList();
            long distinct = raw.stream().distinct().count();
            PenstockProcess.write(
                    Path.of("target", "soak", "capture.json"),
                    Api.JSON
                                    .createObjectNode()
                                    .put("kills", KILLS)
                                    .put("lost", ITEMS - distinct)
                                    .put("doubled", raw.size() - distinct)
                            + "\n");
            assertThat(raw).hasSize(ITEMS).doesNotHaveDuplicates();
        }
        assertThat(ended.get("state").textValue()).as(ended.toString()).isEqualTo("DONE");
        for (String count : List.of("tasks", "captured", "enriched", "indexed")) {
            assertThat(ended.get("counts").get(count).intValue()).as(count).isEqualTo(ITEMS);
        }
        assertThat(penstock.api().records("slow", "pages")).hasSize(ITEMS);
    }

    private static int captured(String run) {
        return penstock.api()
                .get("/api/runs/" + run)
                .body()
                .at("/counts/captured")
                .intValue();
    }

    private static void processor(Api api, String topic, int rate, List<String> items) {
        var config = Api.JSON
                .createObjectNode()
                .put("topic", topic)
                .put("segment", "pages")
                .put("batch_size", AT_ONCE)
                .put("api_rate_limit", rate);
        var list = config.putArray("data_list");
        items.forEach(list::add);
        config.putObject("source").put("type", "http").put("uri", "http://" + server.authority() + "/{value}");
        Api.require(api.put("/api/processors/" + topic + "-pages", config.toString()), 201);
    }
}
