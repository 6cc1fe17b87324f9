package io.penstock.stage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** A stage whose StreamThread can be woken up and kept from fetching more. */
class StageIntakeTest {
    private static final TopicPartition SOURCE = new TopicPartition("in", 0);

    private static final Duration LINGER = Duration.ofMillis(1);

    private final HandIntake intake = new HandIntake();

    private StageHarness stage(int maxInFlight, int maxParked) {
        return new StageHarness(
                StageHarness.options(StageOrder.NONE, maxInFlight, maxParked), intake, "exactly_once_v2");
    }

    @Test
    void shouldPauseIntakeWhenFullAndTakeInAgainWhenHalfOfTheParkingSpaceIsFree() {
        try (StageHarness stage = stage(1, 4)) {
            IntStream.range(0, 4).forEach(i -> stage.send("k", "v" + i));
            assertThat(intake.held()).isEmpty();

            stage.send("k", "v4");
            assertThat(intake.held()).containsExactly(SOURCE);
            assertThat(stage.metrics().pausedTasks()).isEqualTo(1);

            stage.succeed("v0");
            assertThat(intake.held()).containsExactly(SOURCE);
            stage.succeed("v1");
            assertThat(intake.held()).isEmpty();
            assertThat(stage.metrics().pausedTasks()).isZero();
        }
    }

    @Test
    void shouldNotTakeForASourceWhatAPunctuatorForwards() {
        try (StageHarness stage = stage(1, 0)) {
            stage.sendFromPunctuator("k", "own");
            stage.tick();
            assertThat(stage.called()).containsExactly("own#1");
            assertThat(intake.held()).isEmpty();

            stage.send("k", "a");
            assertThat(intake.held()).containsExactly(SOURCE);
        }
    }

    @Test
    void shouldAcceptAtOnceWhatWasFetchedBeforeThePause() {
        try (StageHarness stage = stage(1, 0)) {
            long before = stage.clock.nanoTime();
            IntStream.range(0, 10).forEach(i -> stage.send("k", "v" + i));

            assertThat(stage.clock.nanoTime()).isEqualTo(before);
            assertThat(stage.stored()).hasSize(10);
            assertThat(stage.metrics().overflowed()).isEqualTo(9);
            IntStream.range(0, 10).forEach(i -> stage.succeed("v" + i));
            assertThat(stage.resultValues()).hasSize(10);
        }
    }

    @Test
    void shouldNotLeaveIntakePausedWhenTheTaskCloses() {
        try (StageHarness stage = stage(1, 0)) {
            stage.send("k", "a");
            assertThat(intake.held()).containsExactly(SOURCE);

            stage.restartNewInstance();
            stage.succeed("a");
            assertThat(intake.held()).isEmpty();
        }
    }

    @Test
    void shouldWakeTheStreamThreadUpWhenACallEnds() {
        try (StageHarness stage = stage(2, 0)) {
            stage.send("k", "a");
            assertThat(intake.wakes).isZero();
            stage.end("a", () -> "done");
            assertThat(intake.wakes).isEqualTo(1);
            stage.advance(Duration.ofMillis(1));
            assertThat(stage.resultValues()).containsExactly("done");
        }
    }

    @Test
    void shouldTickMoreRarelyTheLongerNothingHappensButMissNoDeadlineOrResult() {
        try (StageHarness stage = stage(2, 0)) {
            stage.send("k", "a");
            advanceByMillis(stage, 3_000);
            assertThat(stage.ticks).isBetween(20, 150);

            stage.end("a", () -> "done");
            advanceByMillis(stage, 3_000 / 16);
            assertThat(stage.resultValues()).containsExactly("done");

            stage.send("k", "b");
            advanceByMillis(stage, 10_002);
            assertThat(stage.metrics().timeouts()).isEqualTo(1);
        }
    }

    @Test
    void shouldLookOftenAgainWhenACallBeginsAfterALongWait() {
        try (StageHarness stage = stage(2, 0)) {
            stage.send("k", "a");
            stage.end("a", () -> {
                throw CallException.retryAfter("busy", "not so soon", Duration.ofSeconds(60));
            });
            advanceByMillis(stage, 60_010);
            assertThat(stage.called()).containsExactly("a#1", "a#2");

            stage.end("a", () -> "done");
            advanceByMillis(stage, 2);
            assertThat(stage.resultValues()).containsExactly("done");
        }
    }

    private StageHarness lingering(StageOrder order) {
        StageOptions options = StageHarness.options(order, 4, 10).withLingerForResult(LINGER);
        return new StageHarness(options, intake, "at_least_once");
    }

    private static void answerAtOnce(StageHarness stage) {
        stage.executor.quick = index -> {
            ScriptedFunction.Prepared call = stage.function.calls.get(index);
            call.answer = () -> "done " + call.value;
            return true;
        };
    }

    @Test
    void shouldForwardTheResultOfAQuickCallBeforeItReadsOn() {
        try (StageHarness stage = lingering(StageOrder.PER_KEY)) {
            answerAtOnce(stage);
            stage.send("k", "a");

            assertThat(stage.resultValues()).containsExactly("done a");
            assertThat(stage.stored()).isEmpty();
            assertThat(stage.punctuators).isZero();
            assertThat(stage.clock.nanoTime()).isZero();
        }
    }

    @Test
    void shouldReadOnAtOnceUnlessToldToLinger() {
        try (StageHarness stage = stage(4, 10)) {
            answerAtOnce(stage);
            stage.send("k", "a");

            assertThat(stage.resultValues()).isEmpty();
            assertThat(stage.clock.nanoTime()).isZero();
        }
    }

    @Test
    void shouldProcessAllThatWasReadBeforeItWaitsForResults() {
        try (StageHarness stage = lingering(StageOrder.NONE)) {
            intake.read = 3;
            stage.send("k", "a");
            stage.send("k", "b");
            assertThat(stage.clock.nanoTime()).isZero();

            answerAtOnce(stage);
            stage.send("k", "c");
            assertThat(stage.resultValues()).containsExactly("done c");
            assertThat(stage.clock.nanoTime()).isEqualTo(LINGER.toNanos());
        }
    }

    @Test
    void shouldNotWaitForCallsAfterOneThatWasSlowUntilOneIsQuick() {
        try (StageHarness stage = lingering(StageOrder.NONE)) {
            stage.send("k", "slow");
            assertThat(stage.clock.nanoTime()).isEqualTo(LINGER.toNanos());
            stage.send("k", "slow too");
            assertThat(stage.clock.nanoTime()).isEqualTo(LINGER.toNanos());
            stage.advance(Duration.ofMillis(5));
            stage.succeed("slow");
            stage.succeed("slow too");

            long before = stage.clock.nanoTime();
            stage.send("k", "quick");
            stage.end("quick", () -> "quick");
            assertThat(stage.clock.nanoTime()).isEqualTo(before);
            assertThat(stage.resultValues()).doesNotContain("quick");
            stage.advance(Duration.ofMillis(1));

            answerAtOnce(stage);
            stage.send("k", "next");
            assertThat(stage.resultValues()).endsWith("quick", "done next");
        }
    }

    @Test
    void shouldStartAndAwaitTheNextCallOfAKeyWhenTheOneBeforeWasQuick() {
        try (StageHarness stage = lingering(StageOrder.PER_KEY)) {
            intake.read = 3;
            answerAtOnce(stage);
            stage.send("k", "a");
            stage.send("k", "b");
            stage.send("j", "c");

            assertThat(stage.resultValues()).containsExactly("done a", "done b", "done c");
            assertThat(stage.stored()).isEmpty();
        }
    }

    @Test
    void shouldStayPausedWhileFullWithoutAnyParkingSpace() {
        try (StageHarness stage = stage(2, 0)) {
            stage.send("k", "a");
            stage.send("k", "b");
            stage.tick();
            assertThat(intake.held()).containsExactly(SOURCE);
            stage.succeed("a");
            assertThat(intake.held()).isEmpty();
        }
    }

    private static void advanceByMillis(StageHarness stage, int millis) {
        for (int i = 0; i < millis; i++) {
            stage.advance(Duration.ofMillis(1));
        }
    }

    @Test
    void shouldKeepARecordUntilItsOutcomeHasArrivedWhereNoTransactionTiesThem() {
        try (StageHarness stage =
                new StageHarness(StageHarness.options(StageOrder.PER_KEY, 2, 10), intake, "at_least_once")) {
            stage.send("k", "a");
            stage.send("k", "b");
            intake.flushes++; // the commit of the input
            stage.succeed("a");

            assertThat(stage.resultValues()).containsExactly("done a");
            assertThat(stage.called()).containsExactly("a#1", "b#1");
            assertThat(stage.stored()).hasSize(2);
            assertThat(stage.metrics().pending()).isEqualTo(1);

            intake.flushes++;
            stage.tick();
            assertThat(stage.stored()).hasSize(1);

            stage.succeed("b");
            assertThat(stage.punctuators).isEqualTo(1);
            intake.flushes++;
            stage.tick();
            assertThat(stage.stored()).isEmpty();
            assertThat(stage.punctuators).isZero();
        }
    }

    @Test
    void shouldForgetAtOnceWhatCameAndWentBetweenTwoCommits() {
        try (StageHarness stage =
                new StageHarness(StageHarness.options(StageOrder.NONE, 2, 10), intake, "at_least_once")) {
            stage.send("k", "a");
            stage.succeed("a");
            assertThat(stage.stored()).isEmpty();
        }
    }

    @Test
    void shouldCallAgainForAnOutcomeOfWhichNobodyKnowsWhetherItArrived() {
        try (StageHarness stage =
                new StageHarness(StageHarness.options(StageOrder.NONE, 2, 10), intake, "at_least_once")) {
            stage.send("k", "a");
            intake.flushes++;
            stage.succeed("a");
            stage.restartNewInstance();
            stage.tick();
            assertThat(stage.called()).containsExactly("a#1", "a#1");
        }
    }
}
