package io.penstock.stage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.processor.api.Record;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DurableStageTest {

    @ParameterizedTest
    @EnumSource(StageOrder.class)
    void shouldStoreTheRecordUntilItsResultIsForwardedWithItsKeyTimestampAndHeaders(StageOrder order) {
        try (StageHarness stage = new StageHarness(StageHarness.options(order, 2, 10))) {
            stage.send("k", "a", new RecordHeaders().add("h", bytes("x")), 5L);

            PendingEntry stored = stage.stored().getFirst();
            assertThat(stored.topic()).isEqualTo("in");
            assertThat(stored.partition()).isZero();
            assertThat(stored.offset()).isZero();
            assertThat(stored.failedAttempts()).isZero();
            assertThat(stage.called()).containsExactly("a#1");
            assertThat(stage.executor.started.getFirst().threadName).isEqualTo("slow-work-0_0");
            assertThat(stage.outcomes).isEmpty();

            stage.succeed("a");

            Record<Object, Object> result = stage.results.getFirst();
            assertThat(result.key()).isEqualTo("k");
            assertThat(result.value()).isEqualTo("done a");
            assertThat(result.timestamp()).isEqualTo(5L);
            assertThat(result.headers()).isEqualTo(new RecordHeaders().add("h", bytes("x")));
            assertThat(stage.stored()).isEmpty();
            assertThat(stage.failures).isEmpty();
        }
    }

    @Test
    void shouldForwardResultsAsTheyComeWhenUnordered() {
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.NONE, 3, 10))) {
            stage.send("k", "a");
            stage.send("k", "b");
            stage.send("k", "c");
            stage.succeed("c");
            stage.succeed("a");
            stage.succeed("b");
            assertThat(stage.resultValues()).containsExactly("done c", "done a", "done b");
        }
    }

    @Test
    void shouldStartTheNextCallOfAKeyOnlyWhenTheResultBeforeWasForwarded() {
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.PER_KEY, 3, 10))) {
            stage.send("k", "a");
            stage.send("k", "b");
            stage.send("j", "c");
            assertThat(stage.called()).containsExactly("a#1", "c#1");

            stage.succeed("c");
            assertThat(stage.called()).containsExactly("a#1", "c#1");

            stage.fail("a", CallException.permanent("x", "no"));
            assertThat(stage.failures).hasSize(1);
            assertThat(stage.called()).containsExactly("a#1", "c#1", "b#1");
        }
    }

    @Test
    void shouldHoldUpAKeyWhileItsHeadIsBackingOff() {
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.PER_KEY, 3, 10))) {
            stage.send("k", "a");
            stage.send("k", "b");
            stage.fail("a", new IllegalStateException("boom"));
            stage.advance(Duration.ofMillis(100));
            assertThat(stage.called()).containsExactly("a#1", "a#2");
            stage.succeed("a");
            stage.succeed("b");
            assertThat(stage.resultValues()).containsExactly("done a", "done b");
        }
    }

    @Test
    void shouldForwardInOrderOfArrivalWhenGlobal() {
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.GLOBAL, 3, 10))) {
            stage.send("k", "a");
            stage.send("j", "b");
            stage.function.steps.put("c", () -> new Step.Result<>("known c"));
            stage.send("i", "c");
            stage.function.steps.put("d", () -> new Step.Fail<>(CallException.permanent("bad", "not so")));
            stage.send("i", "d");
            stage.succeed("b");
            assertThat(stage.outcomes).isEmpty();

            stage.succeed("a");
            assertThat(stage.resultValues()).containsExactly("done a", "done b", "known c");
            assertThat(stage.outcomes.getLast().value()).isInstanceOf(FailedCall.class);
            assertThat(stage.stored()).isEmpty();
        }
    }

    @Test
    void shouldBoundTheResultsThatWaitForASlowFirstOne() {
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.GLOBAL, 2, 1))) {
            for (String value : new String[] {"a", "b", "c", "d", "e"}) {
                stage.send("k", value);
            }
            stage.succeed("b");
            stage.succeed("c");
            stage.tick();
            assertThat(stage.called()).containsExactly("a#1", "b#1", "c#1");
            stage.succeed("a");
            assertThat(stage.resultValues()).containsExactly("done a", "done b", "done c");
            assertThat(stage.called()).endsWith("d#1", "e#1");
        }
    }

    @Test
    void shouldTryAgainWithGrowingWaitsAndFailWithTheCodeOfTheLastAttempt() {
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.NONE, 3, 10))) {
            stage.send("k", "a", new RecordHeaders().add("h", bytes("x")), 7L);
            stage.fail("a", new IllegalStateException("boom"));
            assertThat(stage.stored().getFirst().failedAttempts()).isEqualTo(1);
            stage.advance(Duration.ofMillis(80));
            assertThat(stage.called()).containsExactly("a#1");
            stage.advance(Duration.ofMillis(20));
            assertThat(stage.called()).containsExactly("a#1", "a#2");

            stage.fail("a", CallException.retryable("remote.busy", "come back", null));
            stage.advance(Duration.ofMillis(180));
            assertThat(stage.called()).hasSize(2);
            stage.advance(Duration.ofMillis(20));
            assertThat(stage.called()).hasSize(3);
            assertThat(stage.metrics().retries()).isEqualTo(2);

            stage.fail("a", new IllegalStateException("boom again"));
            assertThat(stage.failure(0))
                    .isEqualTo(new FailedCall<>(
                            "a", "stage.failed", "java.lang.IllegalStateException: boom again", 3, "in", 0, 0));
            assertThat(stage.failures.getFirst().timestamp()).isEqualTo(7L);
            assertThat(stage.failures.getFirst().headers().lastHeader("h").value())
                    .isEqualTo(bytes("x"));
            assertThat(stage.stored()).isEmpty();
            assertThat(stage.results).isEmpty();
        }
    }

    @Test
    void shouldNotTryAgainAfterAPermanentFailure() {
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.NONE, 3, 10))) {
            stage.send("k", "a");
            stage.fail("a", CallException.permanent("remote.gone", "It is gone."));
            assertThat(stage.failure(0)).isEqualTo(new FailedCall<>("a", "remote.gone", "It is gone.", 1, "in", 0, 0));
            assertThat(stage.called()).hasSize(1);
        }
    }

    @Test
    void shouldWaitAsLongAsTheOtherSideAsksForEvenAcrossARestart() {
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.NONE, 3, 10))) {
            stage.send("k", "a");
            stage.fail("a", CallException.retryAfter("remote.limit", "later", Duration.ofSeconds(30)));
            stage.advance(Duration.ofSeconds(20));
            stage.restartNewInstance();
            stage.advance(Duration.ofMillis(9_900));
            assertThat(stage.called()).hasSize(1);
            stage.advance(Duration.ofMillis(100));
            assertThat(stage.called()).containsExactly("a#1", "a#2");
        }
    }

    @Test
    void shouldCountFailedAttemptsAcrossRestartsButNotThoseThatTheRestartCutOff() {
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.NONE, 3, 10))) {
            stage.send("k", "a");
            stage.restartNewInstance();
            stage.tick();
            assertThat(stage.called()).containsExactly("a#1", "a#1");

            stage.fail("a", new IllegalStateException("boom"));
            stage.restartSameInstance();
            stage.advance(Duration.ofMillis(100));
            stage.restartNewInstance();
            stage.tick();
            assertThat(stage.called()).containsExactly("a#1", "a#1", "a#2", "a#2");
            assertThat(stage.metrics().reexecuted()).isEqualTo(3);

            stage.fail("a", new IllegalStateException("boom"));
            stage.advance(Duration.ofMillis(200));
            stage.fail("a", new IllegalStateException("boom"));
            assertThat(stage.failure(0).attempts()).isEqualTo(3);
        }
    }

    @Test
    void shouldGiveUpACallAtItsDeadlineAndInterruptIt() {
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.NONE, 1, 10))) {
            stage.send("k", "a");
            stage.advance(Duration.ofMillis(9_980));
            assertThat(stage.executor.started.getFirst().interrupted).isFalse();
            stage.tick();
            assertThat(stage.executor.started.getFirst().interrupted).isTrue();
            assertThat(stage.metrics().timeouts()).isEqualTo(1);

            stage.end(0, () -> "too late");
            stage.tick();
            assertThat(stage.outcomes).isEmpty();
            assertThat(stage.metrics().droppedLate()).isEqualTo(1);

            stage.advance(Duration.ofMillis(100));
            stage.advance(Duration.ofSeconds(10));
            stage.advance(Duration.ofMillis(200));
            stage.advance(Duration.ofSeconds(10));
            assertThat(stage.called()).containsExactly("a#1", "a#2", "a#3");
            assertThat(stage.failure(0).code()).isEqualTo("stage.timeout");
            assertThat(stage.failure(0).attempts()).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @EnumSource(StageOrder.class)
    void shouldCallAgainOldestFirstAfterARestartAndIgnoreWhatAnEarlierLifeReturns(StageOrder order) {
        try (StageHarness stage = new StageHarness(StageHarness.options(order, 2, 10))) {
            stage.send("k", "a");
            stage.send("j", "b");
            stage.send("i", "c");
            stage.restartSameInstance();
            assertThat(stage.executor.started).allMatch(call -> call.interrupted);
            assertThat(stage.outcomes).isEmpty();
            stage.tick();
            assertThat(stage.called()).containsExactly("a#1", "b#1", "a#1", "b#1");

            stage.end(0, () -> "of an earlier life");
            stage.tick();
            assertThat(stage.outcomes).isEmpty();
            assertThat(stage.metrics().droppedLate()).isEqualTo(1);

            stage.succeed("a");
            stage.succeed("b");
            stage.succeed("c");
            assertThat(stage.resultValues()).containsExactly("done a", "done b", "done c");
            assertThat(stage.stored()).isEmpty();
        }
    }

    @Test
    void shouldIgnoreACompletionThatWaitedInTheQueueWhenTheTaskClosed() {
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.NONE, 2, 10))) {
            stage.send("k", "a");
            stage.end("a", () -> "of an earlier life");
            stage.restartSameInstance();
            stage.tick();
            assertThat(stage.outcomes).isEmpty();
            assertThat(stage.metrics().droppedLate()).isEqualTo(1);
            stage.succeed("a");
            assertThat(stage.resultValues()).containsExactly("done a");
        }
    }

    @Test
    void shouldForwardAndForgetAsThePreparationSaysWithoutAnyCall() {
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.NONE, 2, 10))) {
            stage.function.steps.put("r", () -> new Step.Result<>("known"));
            stage.function.steps.put("d", Step.Drop::new);
            stage.function.steps.put("f", () -> new Step.Fail<>(CallException.permanent("bad", "not so")));
            stage.send("k", "r");
            stage.send("k", "d");
            stage.send("k", "f");
            assertThat(stage.resultValues()).containsExactly("known");
            assertThat(stage.failure(0)).isEqualTo(new FailedCall<>("f", "bad", "not so", 1, "in", 0, 2));
            assertThat(stage.executor.started).isEmpty();
            assertThat(stage.stored()).isEmpty();
            assertThat(stage.metrics().dropped()).isEqualTo(1);
            assertThat(stage.punctuators).isZero();
        }
    }

    @Test
    void shouldPrepareOnlyAfterTheResultBeforeInTheLaneWasForwarded() {
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.PER_KEY, 2, 10))) {
            stage.function.steps.put("b", () -> new Step.Result<>("after " + stage.resultValues()));
            stage.send("k", "a");
            stage.send("k", "b");
            assertThat(stage.function.prepared).hasSize(1);
            stage.succeed("a");
            assertThat(stage.resultValues()).containsExactly("done a", "after [done a]");
        }
    }

    @Test
    void shouldTreatAPreparationThatThrowsAsAFailedAttempt() {
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.NONE, 2, 10))) {
            stage.function.steps.put("a", () -> {
                throw new IllegalArgumentException("cannot");
            });
            stage.send("k", "a");
            assertThat(stage.stored().getFirst().failedAttempts()).isEqualTo(1);
            stage.function.steps.remove("a");
            stage.advance(Duration.ofMillis(100));
            assertThat(stage.called()).containsExactly("a#2");
            stage.succeed("a");
            assertThat(stage.resultValues()).containsExactly("done a");

            stage.function.steps.put("b", () -> {
                throw new IllegalArgumentException("never can");
            });
            stage.send("k", "b");
            stage.advance(Duration.ofMillis(100));
            stage.advance(Duration.ofMillis(200));
            assertThat(stage.failure(0).code()).isEqualTo("stage.failed");
            assertThat(stage.failure(0).message()).contains("never can");
            assertThat(stage.failure(0).attempts()).isEqualTo(3);
        }
    }

    @Test
    void shouldLetExceptionsOfStreamsItselfThrough() {
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.NONE, 2, 10))) {
            stage.function.steps.put("a", () -> {
                throw new InvalidStateStoreException("the store moved away");
            });
            Assertions.assertThatThrownBy(() -> stage.send("k", "a")).hasStackTraceContaining("the store moved away");
        }
    }

    @Test
    void shouldTreatAProviderThatCannotBeNamedAsAFailedAttempt() {
        ScriptedFunction function = new ScriptedFunction() {
            @Override
            public Provider provider(String key, String value) {
                throw new IllegalStateException("nobody");
            }
        };
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.NONE, 2, 10), function, null)) {
            stage.send("k", "a");
            stage.advance(Duration.ofMillis(100));
            stage.advance(Duration.ofMillis(200));
            assertThat(stage.failure(0).message()).contains("nobody");
            assertThat(stage.called()).isEmpty();
        }
    }

    @Test
    void shouldHaveAPunctuatorOnlyWhileSomethingIsPending() {
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.NONE, 1, 10))) {
            assertThat(stage.punctuators).isZero();
            stage.send("k", "a");
            stage.send("k", "b");
            assertThat(stage.punctuators).isEqualTo(1);
            stage.succeed("a");
            assertThat(stage.punctuators).isEqualTo(1);
            stage.restartSameInstance();
            assertThat(stage.punctuators).isEqualTo(1);
            stage.tick();
            stage.succeed("b");
            assertThat(stage.punctuators).isZero();
            stage.restartSameInstance();
            assertThat(stage.punctuators).isZero();
        }
    }

    @Test
    void shouldHoldIntakeBackForItsBudgetAndThenAcceptTheRecord() {
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.NONE, 1, 1))) {
            stage.send("k", "a");
            stage.send("k", "b");
            assertThat(stage.clock.nanoTime()).isZero();
            stage.send("k", "c");
            assertThat(stage.clock.nanoTime()).isEqualTo(Duration.ofMillis(500).toNanos());
            assertThat(stage.stored()).hasSize(3);
            assertThat(stage.metrics().overflowed()).isEqualTo(1);

            // The StreamThread has not been back in its loop: the budget is spent.
            stage.send("k", "d");
            assertThat(stage.clock.nanoTime()).isEqualTo(Duration.ofMillis(500).toNanos());
            stage.tick();
            stage.send("k", "e");
            assertThat(stage.clock.nanoTime()).isEqualTo(Duration.ofMillis(1020).toNanos());

            for (String value : new String[] {"a", "b", "c", "d", "e"}) {
                stage.succeed(value);
            }
            assertThat(stage.resultValues()).hasSize(5);
            assertThat(stage.called()).containsExactly("a#1", "b#1", "c#1", "d#1", "e#1");
        }
    }

    @Test
    void shouldGoOnAtOnceWhenACallEndsWhileIntakeIsHeldBack() {
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.NONE, 1, 0))) {
            stage.send("k", "a");
            stage.end("a", () -> "done a");
            stage.send("k", "b");
            assertThat(stage.clock.nanoTime()).isZero();
            assertThat(stage.resultValues()).containsExactly("done a");
            assertThat(stage.metrics().overflowed()).isZero();
        }
    }

    @Test
    void shouldDropWhatAFenceStopsAndThenPassIt() {
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.PER_KEY, 2, 10))) {
            stage.send("k", "old-1"); // executing
            stage.send("k", "old-2"); // waits in its lane
            stage.send("k", "new-1"); // waits behind it
            stage.send("j", "old-3"); // executing, backs off
            stage.fail("old-3", new IllegalStateException("boom"));
            stage.send("i", "new-2"); // executing
            stage.send("h", "old-4"); // ready, no room

            stage.send("fence", "fence:old", new RecordHeaders().add("h", bytes("x")), 9L);

            assertThat(stage.executor.started.getFirst().interrupted).isTrue();
            Record<Object, Object> passed = stage.results.getFirst();
            assertThat(passed.key()).isEqualTo("fence");
            assertThat(passed.timestamp()).isEqualTo(9L);
            assertThat(passed.headers().lastHeader("h")).isNotNull();
            assertThat(passed.value())
                    .isEqualTo(new FencePassed<>("fence:old", Arrays.asList("old-1", "old-2", "old-3", "old-4")));
            assertThat(stage.stored()).hasSize(2);
            assertThat(stage.metrics().cancelled()).isEqualTo(4);

            stage.end(0, () -> "stopped long ago");
            stage.succeed("new-1");
            stage.succeed("new-2");
            stage.advance(Duration.ofSeconds(30));
            assertThat(stage.outcomes).hasSize(3);
            assertThat(stage.resultValues()).endsWith("done new-1", "done new-2");
            assertThat(stage.stored()).isEmpty();
        }
    }

    @Test
    void shouldForwardWhatWaitedForARecordThatAFenceStopped() {
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.GLOBAL, 2, 10))) {
            stage.send("k", "old");
            stage.send("j", "new");
            stage.succeed("new");
            assertThat(stage.outcomes).isEmpty();
            stage.send("fence", "fence:old");
            assertThat(stage.resultValues())
                    .containsExactly("done new", new FencePassed<>("fence:old", Arrays.asList("old")));
            assertThat(stage.punctuators).isZero();
        }
    }

    @Test
    void shouldPassAFenceThatStopsNothing() {
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.NONE, 2, 10))) {
            stage.send("fence", "fence:old");
            assertThat(stage.resultValues()).containsExactly(new FencePassed<>("fence:old", Arrays.asList()));
            assertThat(stage.stored()).isEmpty();
        }
    }

    @Test
    void shouldStartAndForwardNothingOnceTheRuntimeIsClosed() {
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.NONE, 1, 10))) {
            stage.send("k", "a");
            stage.runtime.close();
            assertThat(stage.executor.closed).isTrue();
            stage.fail("a", new InterruptedException());
            stage.send("k", "b");
            stage.tick();
            assertThat(stage.outcomes).isEmpty();
            assertThat(stage.called()).hasSize(1);
            assertThat(stage.stored()).hasSize(2).allMatch(entry -> entry.failedAttempts() == 0);
        }
    }

    @Test
    void shouldNotCountAnAttemptThatWasCutOffWhileTheStageWasForwarding() {
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.NONE, 2, 10))) {
            stage.send("k", "a");
            stage.send("k", "b");
            stage.onOutcome = () -> {
                stage.runtime.close();
                stage.end("b", () -> {
                    throw new InterruptedException();
                });
            };
            stage.succeed("a");
            assertThat(stage.resultValues()).containsExactly("done a");
            assertThat(stage.stored()).hasSize(1).allMatch(entry -> entry.failedAttempts() == 0);
        }
    }

    @Test
    void shouldTellWhatIsAtHand() {
        try (StageHarness stage = new StageHarness(StageHarness.options(StageOrder.NONE, 1, 10))) {
            stage.send("k", "a");
            stage.advance(Duration.ofSeconds(1));
            stage.send("k", "b");
            StageMetrics metrics = stage.metrics();
            assertThat(metrics.pending()).isEqualTo(2);
            assertThat(metrics.executing()).isEqualTo(1);
            assertThat(metrics.oldestAge()).isEqualTo(Duration.ofSeconds(1));
            stage.restartNewInstance();
            assertThat(metrics.oldestAge()).isEqualTo(Duration.ofSeconds(1));
            stage.tick();
            stage.succeed("a");
            stage.succeed("b");
            assertThat(metrics.pending()).isZero();
            assertThat(metrics.executing()).isZero();
            assertThat(metrics.oldestAge()).isZero();
            assertThat(metrics.succeeded()).isEqualTo(2);
            assertThat(metrics.calls()).isEqualTo(3);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
