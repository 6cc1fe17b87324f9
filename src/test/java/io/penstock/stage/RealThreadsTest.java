package io.penstock.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;

/** The stage with virtual threads; the clock is still driven by hand. */
class RealThreadsTest {

    @Test
    void shouldInterruptACallAtItsDeadline() {
        List<String> seen = new CopyOnWriteArrayList<>();
        ScriptedFunction function = stuck(seen);
        try (StageHarness stage = new StageHarness(
                StageHarness.options(StageOrder.NONE, 1, 10), function, CallExecutor.virtualThreads())) {
            stage.send("k", "a");
            soon().until(() -> seen.contains("started on slow-work-0_0, virtual"));
            stage.advance(Duration.ofSeconds(10));
            soon().until(() -> seen.contains("interrupted"));
            stage.function.steps.put("a", () -> new Step.Call<>(_ -> "second try"));
            stage.advance(Duration.ofMillis(100));
            soon().until(() -> {
                stage.tick();
                return !stage.outcomes.isEmpty();
            });
            assertThat(stage.resultValues()).containsExactly("second try");
        }
    }

    @Test
    void shouldInterruptCallsWhenTheTaskOrTheRuntimeCloses() {
        List<String> seen = new CopyOnWriteArrayList<>();
        try (StageHarness stage = new StageHarness(
                StageHarness.options(StageOrder.NONE, 1, 10), stuck(seen), CallExecutor.virtualThreads())) {
            stage.send("k", "a");
            soon().until(() -> seen.size() == 1);
            stage.restartSameInstance();
            soon().until(() -> Collections.frequency(seen, "interrupted") == 1);
            stage.tick();
            soon().until(() -> seen.size() == 3);
            stage.runtime.close();
            soon().until(() -> Collections.frequency(seen, "interrupted") == 2);
            assertThat(stage.stored()).hasSize(1);
        }
    }

    @Test
    void shouldFailTheAttemptWhenTheCallEndsInAnError() {
        ScriptedFunction function = new ScriptedFunction();
        function.steps.put(
                "a",
                () -> new Step.Call<>(_ -> {
                    throw new StackOverflowError("deep");
                }));
        try (StageHarness stage = new StageHarness(
                StageHarness.options(StageOrder.NONE, 1, 10), function, CallExecutor.virtualThreads())) {
            stage.send("k", "a");
            soon().until(() -> {
                stage.tick();
                return !stage.failures.isEmpty();
            });
            assertThat(stage.failure(0).message()).contains("deep");
            assertThat(stage.failure(0).attempts()).isEqualTo(3);
        }
    }

    private static ConditionFactory soon() {
        return await().pollInterval(Duration.ofMillis(2));
    }

    private static ScriptedFunction stuck(List<String> seen) {
        ScriptedFunction function = new ScriptedFunction();
        function.steps.put(
                "a",
                () -> new Step.Call<>(_ -> {
                    Thread thread = Thread.currentThread();
                    seen.add("started on " + thread.getName() + (thread.isVirtual() ? ", virtual" : ""));
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        seen.add("interrupted");
                        throw e;
                    }
                    return "never";
                }));
        return function;
    }
}
