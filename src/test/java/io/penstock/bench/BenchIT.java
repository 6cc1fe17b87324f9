package io.penstock.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.ingest.ChunkingSettings;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The benchmarks of the running application in their short form, one after the other in one process. */
@Timeout(180)
class BenchIT {
    private static @Nullable RunningPenstock penstock;

    @TempDir
    static Path folder;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(printed, true, UTF_8);

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(Files.isDirectory(Path.of("../shared/data")), "skipped: ../shared/data is absent");
        penstock = RunningPenstock.start(folder, Map.of("PENSTOCK_CAPTURE_HOSTS", "127.0.0.1"));
    }

    @AfterAll
    static void stop() throws Exception {
        if (penstock != null) {
            penstock.close();
        }
    }

    private static RunningPenstock penstock() {
        if (penstock == null) {
            throw new IllegalStateException("It was not started");
        }
        return penstock;
    }

    @Test
    void shouldFindAndQuoteWhatQuestionsAskFor() throws Exception {
        JsonNode figures = QualityBenchmark.measure(penstock(), 40, false, out);

        for (String cut : List.of("recall_1", "recall_5", "recall_10", "answer_in_5")) {
            assertThat(figures.path(cut).fieldNames()).toIterable().containsExactly("hybrid", "dense", "lexical");
        }
        assertThat(figures.at("/recall_5/hybrid").asDouble()).isGreaterThan(0.94);
        assertThat(figures.path("best_sentence").asDouble()).isGreaterThan(0.65);
        assertThat(figures.path("hybrid_below_another").asBoolean(true)).isFalse();
        assertThat(figures.at("/langchain4j/recall_5").asDouble()).isBetween(0.8, 1.0);
        assertThat(printed.toString(UTF_8)).contains("40 questions", "hybrid less another");
    }

    @Test
    void shouldDeclineWhatNothingIsKnownAbout() throws Exception {
        JsonNode figures = GroundingBenchmark.measure(penstock(), 60, 2, 16, folder, out);

        assertThat(figures.path("questions").asInt()).isEqualTo(60);
        assertThat(figures.path("disagreed").asInt(-1))
                .as(printed.toString(UTF_8))
                .isZero();
        assertThat(figures.path("threshold").asDouble()).isBetween(0.4, 1.2);
        for (String half : List.of("chat_choosing", "chat_reported")) {
            assertThat(figures.path(half).path("declined").asDouble()).as(half).isGreaterThan(0.7);
            assertThat(figures.path(half).path("lost").asDouble()).as(half).isLessThan(0.2);
            assertThat(figures.path(half).path("best_sentence").asDouble())
                    .as(half)
                    .isGreaterThan(0.6);
        }
        assertThat(printed.toString(UTF_8)).contains("threshold", "chosen", "Through /api/chat");
    }

    @Test
    void shouldMeasureTheWayOfAQuestion() throws Exception {
        ChatBenchmark.Plan plan = new ChatBenchmark.Plan(1, 20, 256, false, 0);

        JsonNode figures = ChatBenchmark.run(plan, Files.createDirectories(folder.resolve("chat")), out);

        for (String ratio : List.of(
                "p50_ratio",
                "p99_ratio_same",
                "throughput_ratio_same",
                "throughput_ratio_spring",
                "throughput_ratio_lean")) {
            assertThat(figures.path(ratio).asDouble()).as(ratio).isPositive();
        }
        assertThat(figures.path("p50_ms").asDouble()).isBetween(0.1, 1_000.0);
        assertThat(printed.toString(UTF_8)).contains("bare round trip", "ReplyingKafkaTemplate over Spring MVC");
    }

    @Test
    void shouldMeasureACollectionBesideABareLoop() throws Exception {
        CaptureBenchmark.Plan plan = new CaptureBenchmark.Plan(1, 100, 0);

        JsonNode figures;
        try (PatientServer server = CaptureBenchmark.server()) {
            figures = CaptureBenchmark.measure(penstock(), server, plan, out);
        }

        // Less than the ideal cannot be; the bound itself is for a machine that does nothing else.
        assertThat(figures.path("ratio_ideal").asDouble())
                .as(printed.toString(UTF_8))
                .isBetween(0.99, 20.0);
        assertThat(figures.path("ratio_ideal_bare").asDouble()).isBetween(0.99, 20.0);
        assertThat(printed.toString(UTF_8)).contains("bare loop, median");
    }

    @Test
    void shouldKeepWhatItIsMeasuredAgainstOutOfTheApplication() throws Exception {
        Path application =
                Path.of(System.getProperty("penstock.test.application", "target/quarkus-app/quarkus-run.jar"));
        try (Stream<Path> jars = Files.walk(application.resolveSibling("lib"))) {
            List<String> names =
                    jars.map(jar -> String.valueOf(jar.getFileName())).toList();
            assertThat(names).noneMatch(name -> name.contains("spring"));
            assertThat(names)
                    .filteredOn(name -> name.startsWith("org.apache.kafka.kafka-clients-"))
                    .containsExactly("org.apache.kafka.kafka-clients-4.3.1.jar");
        }
    }

    @Test
    void shouldCountEachItemOfAVolumeOnceAndEmbedNothingTwice() throws Exception {
        VolumeBenchmark.Plan plan = new VolumeBenchmark.Plan(40, ChunkingSettings.defaults());

        JsonNode figures = VolumeBenchmark.measure(penstock(), plan, folder, out);

        assertThat(figures.path("items").asInt()).isEqualTo(40);
        assertThat(figures.path("chunks").asInt()).isGreaterThan(120);
        assertThat(figures.path("counts_exact").asBoolean())
                .as(printed.toString(UTF_8))
                .isTrue();
        assertThat(figures.path("second_embeddings").asInt(-1)).isZero();
        assertThat(figures.path("cost_growth").asDouble()).isPositive();
        assertThat(figures.path("rss_mib").asInt()).isBetween(100, 2_000);
    }
}
