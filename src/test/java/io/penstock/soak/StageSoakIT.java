package io.penstock.soak;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.bench.BrokerProgram;
import io.penstock.bench.MeasuredProcess;
import io.penstock.soak.StageCombination.Guarantee;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Programs with durable stages are killed while they work, start, restore and rebalance; what they wrote is compared with what they
 * were given, exactly. Four kills with brisk calls in the regular run; {@code ./penstock soak stage} makes more in all combinations
 * of guarantee and number of instances, with calls of 30 s among the others, and prints what is written to
 * {@code target/soak/stage.json}.
 */
@Timeout(1800)
class StageSoakIT {
    private static final int KILLS = Integer.getInteger("penstock.soak.kills", 0);
    private static final long SEED = Long.getLong("penstock.soak.seed", new Random().nextInt(1_000_000));
    private static final JsonMapper JSON = new JsonMapper();

    private record Kind(Guarantee guarantee, int instances) {}

    @Test
    void shouldLoseNothingAndDoubleNothingHoweverOftenItIsKilled() throws Exception {
        System.out.println("seed " + SEED + " (-Dpenstock.soak.seed)");
        Instant begin = Instant.now();
        Path folder = Files.createTempDirectory(Files.createDirectories(Path.of("target", "soak-stage")), "run-")
                .toAbsolutePath();

        List<StageCombination.Result> results =
                KILLS > 0 ? run(folder, Pace.real(), shared(KILLS)) : run(folder, Pace.brisk(), inShort());

        write(results, Duration.between(begin, Instant.now()));
        for (StageCombination.Result result : results) {
            assertThat(result.lost()).as("lost by %s", result.application()).isEmpty();
            assertThat(result.faults()).as("faults of %s", result.application()).isEmpty();
            assertThat(result.misordered()).isZero();
            assertThat(result.poison()).isPositive();
            if (isExact(result)) {
                assertThat(result.doubled())
                        .as("doubled by %s", result.application())
                        .isZero();
            }
        }
        assertThat(results.stream().mapToInt(StageCombination.Result::kills).sum())
                .isEqualTo(KILLS > 0 ? KILLS : 4);
    }

    private static Map<Kind, Integer> inShort() {
        return Map.of(new Kind(Guarantee.EXACTLY_ONCE_V2, 2), 2, new Kind(Guarantee.AT_LEAST_ONCE, 1), 2);
    }

    /** The kills of each combination. */
    private static Map<Kind, Integer> shared(int kills) {
        List<Kind> kinds = List.of(
                new Kind(Guarantee.EXACTLY_ONCE_V2, 2),
                new Kind(Guarantee.EXACTLY_ONCE_V2, 1),
                new Kind(Guarantee.AT_LEAST_ONCE, 2),
                new Kind(Guarantee.AT_LEAST_ONCE, 1));
        Map<Kind, Integer> shares = new LinkedHashMap<>();
        for (int i = 0; i < kills; i++) {
            shares.merge(kinds.get(i % kinds.size()), 1, Integer::sum);
        }
        return shares;
    }

    /** All side by side, for most of the time is spent waiting. */
    private static List<StageCombination.Result> run(Path folder, Pace pace, Map<Kind, Integer> shares)
            throws Exception {
        try (MeasuredProcess broker = MeasuredProcess.program(
                        BrokerProgram.class,
                        folder.resolve("broker.txt"),
                        folder.resolve("broker").toString());
                ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            String bootstrapServers = broker.answer();
            List<Future<StageCombination.Result>> running = new ArrayList<>();
            shares.forEach((kind, kills) -> running.add(executor.submit(() -> {
                try (StageCombination combination = new StageCombination(
                        bootstrapServers, folder, kind.guarantee(), kind.instances(), pace, SEED)) {
                    return combination.run(kills);
                }
            })));
            List<StageCombination.Result> results = new ArrayList<>();
            for (Future<StageCombination.Result> one : running) {
                results.add(one.get());
            }
            return results;
        }
    }

    private static boolean isExact(StageCombination.Result result) {
        return result.application().startsWith("exactly-once");
    }

    private static void write(List<StageCombination.Result> results, Duration took) throws Exception {
        ObjectNode summary = JSON.createObjectNode();
        summary.put(
                "kills",
                results.stream().mapToInt(StageCombination.Result::kills).sum());
        summary.put(
                "lost",
                results.stream().mapToInt(result -> result.lost().size()).sum());
        summary.put(
                "doubled",
                results.stream()
                        .filter(StageSoakIT::isExact)
                        .mapToInt(StageCombination.Result::doubled)
                        .sum());
        summary.put(
                "repeated_at_least_once",
                results.stream()
                        .filter(result -> !isExact(result))
                        .mapToInt(StageCombination.Result::doubled)
                        .sum());
        summary.put(
                "misordered",
                results.stream().mapToInt(StageCombination.Result::misordered).sum());
        summary.put(
                "faults",
                results.stream().mapToInt(result -> result.faults().size()).sum());
        summary.put(
                "inputs",
                results.stream().mapToInt(StageCombination.Result::inputs).sum());
        summary.put(
                "poison",
                results.stream().mapToLong(StageCombination.Result::poison).sum());
        summary.put("seconds", took.toSeconds());
        summary.put("seed", SEED);
        ArrayNode combinations = summary.putArray("combinations");
        results.forEach(result -> combinations.add(JSON.<ObjectNode>valueToTree(result)));
        System.out.println(summary);
        Path file = Path.of("target", "soak", "stage.json");
        Files.createDirectories(Path.of("target", "soak"));
        Files.writeString(file, summary + "\n", UTF_8);
    }
}
