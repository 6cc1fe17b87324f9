package io.penstock.stage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Lanes that are not keys, bounds over several tasks, the ramp after a start, and events. */
class StageBoundsTest {

    @Test
    void shouldKeepTheOrderOfLanesThatAreNotKeys() {
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.PER_KEY, 10, 10))) {
            stage.function.lanes.put("a", "customer 1");
            stage.function.lanes.put("b", "customer 1".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            stage.function.lanes.put("c", "customer 1");
            stage.function.lanes.put("d", "customer 1".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            stage.send("k1", "a");
            stage.send("k1", "b");
            stage.send("k2", "c");
            stage.send("k3", "d");

            assertThat(stage.called()).containsExactly("a#1", "b#1");
            assertThat(stage.metrics().deepestLane()).isEqualTo(2);
            stage.succeed("b");
            assertThat(stage.called()).containsExactly("a#1", "b#1", "d#1");
            stage.succeed("a");
            assertThat(stage.called()).containsExactly("a#1", "b#1", "d#1", "c#1");
            assertThat(stage.metrics().deepestLane()).isEqualTo(1);
            stage.succeed("c");
            stage.succeed("d");
            assertThat(stage.metrics().deepestLane()).isZero();
        }
    }

    @Test
    void shouldBoundTheCallsOfAllTasksOfAStageTogether() {
        StageOptions options = StageHarness.options(StageOrder.NONE, 10, 10).withMaxInFlightOfStage(2);
        try (StageHarness stage = new StageHarness(options)) {
            ProviderLimiter ofOtherTasks = stage.runtime.stageLimiter(options);
            assertThat(ofOtherTasks.tryAcquire(0, () -> {})).isTrue();
            stage.send("k", "a");
            stage.send("k", "b");
            assertThat(stage.called()).containsExactly("a#1");

            ofOtherTasks.release();
            stage.tick();
            assertThat(stage.called()).containsExactly("a#1", "b#1");
        }
    }

    @Test
    void shouldBeginWithFewCallsAfterAStartThatFindsRecordsPending() {
        StageOptions options = StageHarness.options(StageOrder.NONE, 32, 100).withRamp(Duration.ofSeconds(4));
        try (StageHarness stage = new StageHarness(options)) {
            IntStream.range(0, 64).forEach(i -> stage.send("k", "v" + i));
            assertThat(stage.function.calls).hasSize(32);

            stage.restartNewInstance();
            stage.tick();
            assertThat(stage.function.calls.subList(32, stage.function.calls.size()))
                    .extracting(call -> call.value)
                    .containsExactly("v0", "v1");
            for (int expected : List.of(4, 8, 16, 32)) {
                stage.advance(Duration.ofSeconds(1));
                assertThat(stage.metrics().executing()).isEqualTo(expected);
            }
        }
    }

    @Test
    void shouldForwardWhatACallSaysBeforeItEnds() {
        StageOptions options = StageHarness.options(StageOrder.NONE, 2, 2).withEventChild("events");
        try (StageHarness stage = new StageHarness(options)) {
            stage.function.steps.put(
                    "a",
                    () -> new Step.Call<>(events -> {
                        events.emit("one");
                        events.emit("two");
                        return "done";
                    }));
            stage.send("k", "a");
            stage.executor.started.getFirst().run();
            stage.tick();

            assertThat(stage.events)
                    .extracting(record -> record.value())
                    .containsExactly(new CallEvent<>("a", "one", 1, 0), new CallEvent<>("a", "two", 1, 1));
            assertThat(stage.events).extracting(record -> record.key()).containsOnly("k");
            assertThat(stage.outcomes).extracting(record -> record.value()).endsWith("done");
        }
    }

    @Test
    void shouldNumberTheAttemptThatAnEventBelongsToAndForgetThoseThatComeLate() {
        StageOptions options = StageHarness.options(StageOrder.NONE, 2, 2).withEventChild("events");
        try (StageHarness stage = new StageHarness(options)) {
            stage.function.steps.put(
                    "a",
                    () -> new Step.Call<>(events -> {
                        events.emit("said");
                        throw CallException.retryable("flaky", "once more", null);
                    }));
            stage.send("k", "a");
            stage.executor.started.get(0).run();
            stage.tick();
            stage.advance(Duration.ofMillis(100));
            stage.executor.started.get(1).run();
            stage.tick();
            stage.advance(Duration.ofMillis(200));
            stage.advance(Duration.ofSeconds(10)); // the third one's deadline
            stage.executor.started.get(2).run();
            stage.send("k", "b"); // looks for what has ended

            assertThat(stage.events)
                    .extracting(record -> record.value())
                    .containsExactly(new CallEvent<>("a", "said", 1, 0), new CallEvent<>("a", "said", 2, 0));
            assertThat(stage.failure(0).code()).isEqualTo("stage.timeout");
            assertThat(stage.metrics().droppedLate()).isEqualTo(1); // its end
        }
    }

    @Test
    void shouldFailACallThatEmitsWhereNobodyListens() {
        try (StageHarness stage = new StageHarness(
                StageHarness.options(StageOrder.NONE, 2, 2).withAttempts(1, Duration.ZERO, Duration.ZERO))) {
            stage.function.steps.put(
                    "a",
                    () -> new Step.Call<>(events -> {
                        events.emit("one");
                        return "done";
                    }));
            stage.send("k", "a");
            stage.executor.started.getFirst().run();
            stage.tick();
            assertThat(stage.failure(0).message()).contains("withEventChild");
        }
    }

    @Test
    void shouldNotWaitForAsLongAsAnAbsurdRetryAfterSays() {
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.NONE, 2, 2))) {
            stage.send("k", "a");
            stage.fail("a", CallException.retryAfter("busy", "in a million years", Duration.ofSeconds(Long.MAX_VALUE)));
            stage.advance(Duration.ofDays(1));
            assertThat(stage.called()).containsExactly("a#1", "a#2");
        }
    }
}
