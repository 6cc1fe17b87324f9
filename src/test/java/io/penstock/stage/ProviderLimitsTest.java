package io.penstock.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ProviderLimitsTest {
    private static final long MS = 1_000_000;

    @Test
    void shouldPassOverAProviderThatIsFull() {
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.NONE, 10, 10))) {
            Provider narrow = new Provider("narrow", 1, 0);
            stage.function.providers.put("a", narrow);
            stage.function.providers.put("b", narrow);
            stage.send("k", "a");
            stage.send("k", "b");
            stage.send("k", "c");
            assertThat(stage.called()).containsExactly("a#1", "c#1");
            assertThat(stage.runtime.providers()).contains(new ProviderUse(narrow, 1, 1, 1, 0));
            stage.succeed("a");
            assertThat(stage.called()).containsExactly("a#1", "c#1", "b#1");
        }
    }

    @Test
    void shouldKeepThePlaceOfACallThatIgnoresItsInterruptionUntilItEnds() {
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.NONE, 10, 10))) {
            Provider narrow = new Provider("narrow", 1, 0);
            stage.function.providers.put("a", narrow);
            stage.function.providers.put("b", narrow);
            stage.send("k", "a");
            stage.send("k", "b");
            stage.advance(Duration.ofSeconds(10));
            stage.advance(Duration.ofSeconds(1));
            assertThat(stage.called()).containsExactly("a#1");
            stage.end(0, () -> "late");
            stage.tick();
            assertThat(stage.called()).hasSize(2);
        }
    }

    @Test
    void shouldSpaceTheStartsOfAPacedProviderEvenWhenNothingExecutes() {
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.NONE, 10, 20))) {
            List<Long> starts = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                String value = "v" + i;
                stage.function.providers.put(value, new Provider("paced", 10, 5));
                stage.function.steps.put(value, () -> {
                    starts.add(stage.clock.nanoTime() / MS);
                    return new Step.Call<>(_ -> "done");
                });
            }
            for (int i = 0; i < 5; i++) {
                stage.send("k", "v" + i);
            }
            for (int i = 0; i < 60; i++) {
                stage.tick();
                stage.executor.started.stream().filter(call -> !call.ended).forEach(HandExecutor.Started::run);
            }
            assertThat(starts).containsExactly(0L, 200L, 400L, 600L, 800L);
            assertThat(stage.resultValues()).hasSize(5);
            assertThat(stage.punctuators).isZero();
        }
    }

    @Test
    void shouldNotSpendARoomOrAStartOnARecordThatNeedsNoCall() {
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.NONE, 10, 20))) {
            for (String value : new String[] {"a", "b", "c"}) {
                stage.function.providers.put(value, new Provider("paced", 1, 1));
                stage.function.steps.put(value, () -> new Step.Result<>("known"));
            }
            stage.function.steps.remove("c");
            stage.send("k", "a");
            stage.send("k", "b");
            stage.send("k", "c");
            assertThat(stage.resultValues()).containsExactly("known", "known");
            assertThat(stage.called()).containsExactly("c#1");
        }
    }

    @Test
    void shouldHoldTheNewestLimitsSeen() {
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.NONE, 10, 10))) {
            stage.function.providers.put("a", new Provider("p", 1, 0));
            stage.function.providers.put("b", new Provider("p", 1, 0));
            stage.function.providers.put("c", new Provider("p", 3, 0));
            stage.send("k", "a");
            stage.send("k", "b");
            assertThat(stage.called()).containsExactly("a#1");
            stage.send("k", "c");
            assertThat(stage.called()).containsExactly("a#1", "b#1", "c#1");
        }
    }

    @Test
    void shouldReachRatesAboveOnePerTickWithoutSavingUpIdleTime() {
        ProviderLimiter limiter = new ProviderLimiter(new Provider("p", 1000, 100));
        List<Long> starts = startsOf(limiter, 0, 1000);
        assertThat(starts).hasSizeBetween(99, 102);

        // Ten seconds without any demand earn nothing.
        assertThat(startsOf(limiter, 11_000, 11_001)).hasSize(1);
    }

    @Test
    void shouldRefuseLimitsThatCouldNeverBeMet() {
        assertThatThrownBy(() -> new Provider("p", 0, 0)).hasMessageContaining("at least 1");
        assertThatThrownBy(() -> new Provider("p", 1, -1)).hasMessageContaining("positive");
        assertThatThrownBy(() -> new Provider("p", 1, Double.NaN)).hasMessageContaining("positive");
    }

    /** When a crowd that looks every 20 ms gets to start. */
    private static List<Long> startsOf(ProviderLimiter limiter, long fromMs, long toMs) {
        List<Long> starts = new ArrayList<>();
        for (long now = fromMs; now < toMs; now += 20) {
            while (limiter.tryAcquire(now * MS, () -> {})) {
                starts.add(now);
                limiter.release();
            }
        }
        return starts;
    }

    @Test
    void shouldServeTheTaskThatWasRefusedBeforeTheOneThatGaveThePlaceFree() {
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.NONE, 10, 10))) {
            Provider narrow = narrow(stage, "a", "b", "c");
            stage.send("k", "a");
            stage.send("k", "b");
            AtomicInteger told = new AtomicInteger();
            ProviderLimiter.Claimant otherTask = told::incrementAndGet;
            ProviderLimiter limiter = stage.runtime.limiter(narrow);
            assertThat(limiter.tryAcquire(0, otherTask)).isFalse();

            stage.succeed("a"); // the first claim is that of this task
            assertThat(stage.called()).containsExactly("a#1", "b#1");
            stage.send("k", "c");
            stage.succeed("b");
            assertThat(stage.called()).containsExactly("a#1", "b#1");
            assertThat(told).hasPositiveValue();
            assertThat(limiter.tryAcquire(0, otherTask)).isTrue();

            limiter.release();
            stage.tick();
            assertThat(stage.called()).containsExactly("a#1", "b#1", "c#1");
        }
    }

    @Test
    void shouldNotKeepAPlaceForLongForATaskThatDoesNotCome() {
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.NONE, 10, 10))) {
            Provider narrow = narrow(stage, "a", "b");
            stage.send("k", "a");
            ProviderLimiter limiter = stage.runtime.limiter(narrow);
            assertThat(limiter.tryAcquire(0, () -> {})).isFalse();
            stage.send("k", "b");
            stage.succeed("a");
            assertThat(stage.called()).containsExactly("a#1");

            stage.advance(Duration.ofMillis(900));
            assertThat(stage.called()).containsExactly("a#1");
            stage.advance(Duration.ofMillis(200));
            assertThat(stage.called()).containsExactly("a#1", "b#1");
        }
    }

    @Test
    void shouldGiveUpItsTurnWhenItsRecordsAreGone() {
        ProviderLimiter limiter;
        AtomicInteger told = new AtomicInteger();
        ProviderLimiter.Claimant last = told::incrementAndGet;
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.NONE, 10, 10))) {
            Provider narrow = narrow(stage, "a");
            limiter = stage.runtime.limiter(narrow);
            assertThat(limiter.tryAcquire(0, () -> {})).isTrue();
            stage.send("k", "a");
            assertThat(limiter.tryAcquire(0, last)).isFalse();
            limiter.release();
            assertThat(told).hasValue(0);
        }
        assertThat(told).hasValue(1);
        assertThat(limiter.tryAcquire(0, last)).isTrue();
    }

    @Test
    void shouldGiveTheStartsOfAPacedProviderInTurnWhoeverLooksFirst() {
        ProviderLimiter limiter = new ProviderLimiter(new Provider("p", 10, 5));
        List<ProviderLimiter.Claimant> tasks = List.of(new Task(), new Task(), new Task());
        Map<ProviderLimiter.Claimant, Integer> starts = new HashMap<>();
        for (long now = 0; now < 6_000; now += 20) {
            for (ProviderLimiter.Claimant task : tasks) {
                if (limiter.tryAcquire(now * MS, task)) {
                    starts.merge(task, 1, Integer::sum);
                    limiter.release();
                }
            }
        }
        assertThat(starts.values()).containsExactly(10, 10, 10);
    }

    private static final class Task implements ProviderLimiter.Claimant {
        @Override
        public void placeIsFree() {}
    }

    private static Provider narrow(StageHarness stage, String... values) {
        Provider narrow = new Provider("narrow", 1, 0);
        for (String value : values) {
            stage.function.providers.put(value, narrow);
        }
        return narrow;
    }
}
