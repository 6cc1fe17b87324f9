package io.penstock.stage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random inputs, ends of calls, deadlines, overload, restarts, crashes that undo what was not committed, and fences, against a model
 * that knows for each input what must come of it. What must hold at any time is looked at after every step. Seeds are fixed;
 * {@code -Dpenstock.stage.seeds} tries more of them.
 */
class RandomisedStageTest {
    private static final int INPUTS = 120;
    private static final int SEEDS = Integer.getInteger("penstock.stage.seeds", 12);
    private static final int MAX_ATTEMPTS = 3;
    private static final int MOST_AT_NARROW = 2;
    /** Longer than all else that happens, so that calls run into it only where the test wants them to. */
    private static final Duration TIMEOUT = Duration.ofHours(1);

    private enum End {
        SUCCESS,
        PERMANENT,
        RESULT,
        DROP,
        FAIL
    }

    private enum Fault {
        CALL_FAILS,
        CALL_ASKS_TO_WAIT,
        PREPARE_THROWS,
        TIMEOUT
    }

    /** Fails so many times in that way, then ends so. */
    private record Plan(int faults, Fault fault, End end) {
        String expected(String value) {
            if (faults >= MAX_ATTEMPTS) {
                String code = switch (fault) {
                    case CALL_FAILS, CALL_ASKS_TO_WAIT -> "flaky";
                    case PREPARE_THROWS -> "stage.failed";
                    case TIMEOUT -> "stage.timeout";
                };
                return code + " " + value + " after " + MAX_ATTEMPTS;
            }
            return switch (end) {
                case SUCCESS, RESULT -> "done " + value;
                case PERMANENT, FAIL -> "poison " + value + " after " + (faults + 1);
                case DROP -> "";
            };
        }
    }

    private final Map<String, Plan> plans = new HashMap<>();
    private final Map<String, String> keys = new HashMap<>();
    private final List<String> inputs = new ArrayList<>();
    private final Set<String> fenced = new HashSet<>();
    /** Since the last commit, as key and value, fences among them. */
    private final List<Map.Entry<String, String>> uncommitted = new ArrayList<>();

    private final Set<String> fencedAtCommit = new HashSet<>();
    private int crashes;
    private long overflowed;
    private boolean lingers;
    private int endedAtOnce;

    /** Calls that end before the StreamThread reads on, and some of them before it has processed all that it has read. */
    @ParameterizedTest
    @EnumSource(StageOrder.class)
    void shouldEndEveryInputExactlyOnceWhereQuickResultsAreWaitedFor(StageOrder order) {
        lingers = true;
        shouldEndEveryInputExactlyOnceAndKeepTheOrderThatWasAskedFor(order);
        assertThat(endedAtOnce).as("calls that ended at once").isGreaterThan(SEEDS);
    }

    @ParameterizedTest
    @EnumSource(StageOrder.class)
    void shouldEndEveryInputExactlyOnceAndKeepTheOrderThatWasAskedFor(StageOrder order) {
        for (long seed = 1; seed <= SEEDS; seed++) {
            plans.clear();
            keys.clear();
            inputs.clear();
            fenced.clear();
            uncommitted.clear();
            fencedAtCommit.clear();
            run(order, seed);
        }
        assertThat(crashes).as("crashes").isGreaterThan(SEEDS);
        assertThat(overflowed).as("records accepted beyond the bound").isPositive();
    }

    /** Every third seed keeps what is pending on disk. */
    private void run(StageOrder order, long seed) {
        Random random = new Random(seed);
        StageOptions inMemory = StageHarness.options(order, 1 + random.nextInt(6), random.nextInt(5))
                .withCallTimeout(TIMEOUT);
        StageOptions options = seed % 3 == 0 ? inMemory.withPendingOnDisk() : inMemory;
        PlannedFunction function = new PlannedFunction();
        HandIntake intake = new HandIntake();
        try (StageHarness stage = lingers
                ? new StageHarness(lingering(options), function, null, intake, "exactly_once_v2")
                : new StageHarness(options, function, null)) {
            if (lingers) {
                stage.executor.quick = call -> endsAtOnce(stage, call, random);
            }
            while (inputs.size() < INPUTS) {
                switch (random.nextInt(15)) {
                    case 0, 1, 2, 3 -> {
                        intake.read = random.nextBoolean() ? 0 : Integer.MAX_VALUE;
                        send(stage, random);
                    }
                    case 4, 5, 6, 7 -> endOne(stage, random);
                    case 8, 9 -> stage.advance(Duration.ofMillis(random.nextInt(400)));
                    case 10 -> {
                        if (random.nextInt(4) == 0) {
                            stage.restartSameInstance();
                        } else if (random.nextInt(4) == 0) {
                            stage.restartNewInstance();
                        }
                    }
                    case 11 -> {
                        if (random.nextInt(4) == 0) {
                            runIntoDeadlines(stage);
                        }
                    }
                    case 12 -> commit(stage);
                    case 13 -> {
                        if (random.nextInt(4) == 0) {
                            crash(stage);
                        }
                    }
                    default -> {
                        if (random.nextInt(8) == 0) {
                            fence(stage, "fence:-g" + random.nextInt(3) + ".");
                        }
                    }
                }
                checkInvariants(stage, options);
            }
            for (int round = 0; round < 500 && !stage.stored().isEmpty(); round++) {
                runIntoDeadlines(stage);
                stage.advance(Duration.ofMillis(200));
            }
            check(stage, order, seed);
            overflowed += stage.metrics().overflowed();
        }
    }

    /** With a bound for the stage, no call is handed over ahead of its turn, for which the thread of the test would wait. */
    private static StageOptions lingering(StageOptions options) {
        return options.withLingerForResult(Duration.ofMillis(1)).withMaxInFlightOfStage(1_000);
    }

    private void commit(StageHarness stage) {
        stage.commit();
        uncommitted.clear();
        fencedAtCommit.clear();
        fencedAtCommit.addAll(fenced);
    }

    private void crash(StageHarness stage) {
        crashes++;
        stage.crash();
        fenced.clear();
        fenced.addAll(fencedAtCommit);
        List<Map.Entry<String, String>> again = List.copyOf(uncommitted);
        uncommitted.clear();
        for (Map.Entry<String, String> input : again) {
            if (input.getValue().startsWith("fence:")) {
                fence(stage, input.getValue());
            } else {
                uncommitted.add(input);
                stage.send(input.getKey(), input.getValue());
            }
        }
    }

    private void checkInvariants(StageHarness stage, StageOptions options) {
        int stored = stage.stored().size();
        assertThat(stage.metrics().pending()).isEqualTo(stored);
        assertThat(stage.punctuators).isEqualTo(stored == 0 ? 0 : 1);
        assertThat(stage.metrics().executing()).isBetween(0, Math.min(stored, options.maxInFlight()));
        assertThat(stage.runtime.providers())
                .filteredOn(use -> use.limits().name().equals("narrow"))
                .allSatisfy(use -> assertThat(use.executing()).isBetween(0, MOST_AT_NARROW));
        Set<String> lanes = new HashSet<>();
        for (int i = 0; i < stage.executor.started.size(); i++) {
            ScriptedFunction.Prepared call = stage.function.calls.get(i);
            assertThat(call.attempt).isBetween(1, MAX_ATTEMPTS);
            HandExecutor.Started started = stage.executor.started.get(i);
            if (options.order() == StageOrder.PER_KEY && !started.ended && !started.interrupted) {
                assertThat(lanes.add(keys.getOrDefault(call.value, "")))
                        .as("%s is called while another one of its key is", call.value)
                        .isTrue();
            }
        }
    }

    private void send(StageHarness stage, Random random) {
        String value = "v" + inputs.size() + "-g" + random.nextInt(3) + ".";
        String key = "k" + random.nextInt(5);
        int faults = random.nextInt(3) == 0 ? 1 + random.nextInt(MAX_ATTEMPTS) : 0;
        plans.put(
                value,
                new Plan(
                        faults,
                        Fault.values()[random.nextInt(Fault.values().length)],
                        End.values()[random.nextInt(3) == 0 ? random.nextInt(End.values().length) : 0]));
        keys.put(value, key);
        inputs.add(value);
        if (random.nextInt(3) == 0) {
            stage.function.providers.put(
                    value, new Provider("narrow", 1 + random.nextInt(MOST_AT_NARROW), random.nextInt(2) * 20));
        }
        uncommitted.add(Map.entry(key, value));
        stage.send(key, value);
    }

    private void fence(StageHarness stage, String fence) {
        String group = fence.substring("fence:".length());
        int before = stage.results.size();
        uncommitted.add(Map.entry("fence", fence));
        stage.send("fence", fence);
        for (Record<Object, Object> record : stage.results.subList(before, stage.results.size())) {
            if (record.value() instanceof FencePassed<?> passed) {
                for (Object value : passed.cancelled()) {
                    assertThat((String) value).contains(group);
                    assertThat(fenced.add((String) value)).isTrue();
                }
            }
        }
        assertThat(stage.stored()).noneMatch(entry -> text(entry).contains(group));
    }

    private boolean endsAtOnce(StageHarness stage, int call, Random random) {
        boolean ends = random.nextBoolean() && !stuck(stage.function.calls.get(call));
        endedAtOnce += ends ? 1 : 0;
        return ends;
    }

    private void endOne(StageHarness stage, Random random) {
        List<HandExecutor.Started> open = open(stage);
        if (!open.isEmpty()) {
            open.get(random.nextInt(open.size())).run();
        }
    }

    /** The calls that are planned to get stuck do, and no others. */
    private void runIntoDeadlines(StageHarness stage) {
        open(stage).forEach(HandExecutor.Started::run);
        stage.tick();
        stage.advance(TIMEOUT.minusMillis(1));
        open(stage).forEach(HandExecutor.Started::run);
    }

    /** Calls that may end: all that have not, but those that are planned to run into their deadline. */
    private List<HandExecutor.Started> open(StageHarness stage) {
        List<HandExecutor.Started> open = new ArrayList<>();
        for (int i = 0; i < stage.executor.started.size(); i++) {
            HandExecutor.Started call = stage.executor.started.get(i);
            if (!call.ended && (call.interrupted || !stuck(stage.function.calls.get(i)))) {
                open.add(call);
            }
        }
        return open;
    }

    private boolean stuck(ScriptedFunction.Prepared call) {
        Plan plan = planOf(call.value);
        return plan.fault() == Fault.TIMEOUT && call.attempt <= plan.faults();
    }

    private Plan planOf(String value) {
        Plan plan = plans.get(value);
        assertThat(plan).isNotNull();
        return plan == null ? new Plan(0, Fault.CALL_FAILS, End.SUCCESS) : plan;
    }

    private void check(StageHarness stage, StageOrder order, long seed) {
        List<String> ended = new ArrayList<>();
        Map<String, String> outcomes = new HashMap<>();
        for (Record<Object, Object> record : stage.outcomes) {
            String value;
            String outcome;
            switch (record.value()) {
                case FencePassed<?> _ -> {
                    continue;
                }
                case FailedCall<?> failed -> {
                    value = (String) failed.value();
                    outcome = failed.code() + " " + value + " after " + failed.attempts();
                }
                default -> {
                    outcome = (String) record.value();
                    value = outcome.substring("done ".length());
                }
            }
            assertThat(record.key()).isEqualTo(keys.get(value));
            assertThat(outcomes.put(value, outcome))
                    .as("%s twice, seed %s", value, seed)
                    .isNull();
            ended.add(value);
        }
        Map<String, String> expected = new HashMap<>();
        for (String value : inputs) {
            if (!fenced.contains(value) && !planOf(value).expected(value).isEmpty()) {
                expected.put(value, planOf(value).expected(value));
            }
        }
        assertThat(outcomes).as("%s, seed %s", order, seed).isEqualTo(expected);
        assertThat(stage.stored()).isEmpty();
        assertThat(stage.punctuators).isZero();
        assertThat(stage.metrics().pending()).isZero();
        switch (order) {
            case NONE -> {}
            case GLOBAL ->
                assertThat(ended)
                        .containsExactlyElementsOf(
                                inputs.stream().filter(ended::contains).toList());
            case PER_KEY -> {
                for (String key : Set.copyOf(keys.values())) {
                    assertThat(ended.stream().filter(value -> key.equals(keys.get(value))))
                            .containsExactlyElementsOf(inputs.stream()
                                    .filter(value -> key.equals(keys.get(value)) && ended.contains(value))
                                    .toList());
                }
            }
        }
    }

    private static String text(PendingEntry entry) {
        byte[] value = entry.value();
        return value == null ? "" : new String(value, StandardCharsets.UTF_8);
    }

    private final class PlannedFunction extends ScriptedFunction {
        @Override
        public Step<String> prepare(String key, String value, Headers headers, int attempt) {
            Plan plan = planOf(value);
            boolean faulty = attempt <= plan.faults();
            if (faulty && plan.fault() == Fault.PREPARE_THROWS) {
                throw new IllegalStateException("not prepared");
            }
            if (!faulty) {
                switch (plan.end()) {
                    case RESULT -> {
                        return new Step.Result<>("done " + value);
                    }
                    case DROP -> {
                        return new Step.Drop<>();
                    }
                    case FAIL -> {
                        return new Step.Fail<>(CallException.permanent("poison", "no"));
                    }
                    case SUCCESS, PERMANENT -> {}
                }
            }
            Prepared call = new Prepared(value, attempt, headers);
            calls.add(call);
            return new Step.Call<>(_ -> {
                if (faulty && plan.fault() == Fault.CALL_ASKS_TO_WAIT) {
                    throw CallException.retryAfter("flaky", "not so soon", Duration.ofMillis(700));
                }
                if (faulty) {
                    throw CallException.retryable("flaky", "once more", null);
                }
                if (plan.end() == End.PERMANENT) {
                    throw CallException.permanent("poison", "no");
                }
                return "done " + value;
            });
        }
    }
}
