package io.penstock.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DeferralTest {
    private static final Duration LONGEST = Duration.ofSeconds(10);

    @Test
    void shouldCountAttemptsSoonerWhereTheDeferralNamesLess() {
        try (StageHarness stage = harness(Duration.ofHours(6))) {
            stage.send("k", "a");
            for (int i = 0; i < 3; i++) {
                stage.fail("a", deferral(Duration.ofSeconds(60))); // these are not limited
                stage.advance(Duration.ofSeconds(61));
            }
            for (int i = 0; i < 3; i++) {
                stage.fail("a", limited(Duration.ofSeconds(6)));
                stage.advance(Duration.ofSeconds(7));
            }
            assertThat(stage.called()).containsExactly("a#1", "a#1", "a#1", "a#1", "a#1", "a#1", "a#2");
            assertThat(stage.metrics().deferrals()).isEqualTo(5);
            stage.fail("a", deferral(Duration.ofSeconds(60)));
            stage.advance(Duration.ofSeconds(61));
            assertThat(stage.called().getLast()).isEqualTo("a#2");
            stage.fail("a", limited(Duration.ofSeconds(6)));
            stage.advance(Duration.ofSeconds(7));
            stage.fail("a", limited(Duration.ofSeconds(6)));
            assertThat(stage.failure(0).code()).isEqualTo("test.down");
        }
    }

    private static CallException limited(Duration wait) {
        return CallException.deferred("test.down", "it is down", wait, LONGEST);
    }

    @Test
    void shouldPutACallOffWithoutCountingAnAttempt() {
        try (StageHarness stage = harness(LONGEST)) {
            stage.send("k", "a");
            for (int i = 0; i < 5; i++) {
                stage.fail("a", deferral(Duration.ofSeconds(1)));
                stage.advance(Duration.ofMillis(900));
                assertThat(stage.called()).hasSize(i + 1);
                stage.advance(Duration.ofMillis(200));
                assertThat(stage.called()).hasSize(i + 2);
            }
            assertThat(stage.called()).containsOnly("a#1");
            assertThat(stage.metrics().deferrals()).isEqualTo(5);
            assertThat(stage.metrics().retries()).isZero();
            stage.succeed("a");
            assertThat(stage.resultValues()).containsExactly("done a");
            assertThat(stage.stored()).isEmpty();
        }
    }

    @Test
    void shouldCountAttemptsOnceACallWasPutOffForTooLong() {
        try (StageHarness stage = harness(LONGEST)) {
            stage.send("k", "a");
            for (int i = 0; i < 3; i++) {
                stage.fail("a", deferral(Duration.ofSeconds(6)));
                stage.advance(Duration.ofSeconds(7));
            }
            // Put off at 0 and 7 s; at 14 s that had been too long.
            assertThat(stage.called()).containsExactly("a#1", "a#1", "a#1", "a#2");
            stage.fail("a", deferral(Duration.ofSeconds(6)));
            stage.advance(Duration.ofSeconds(7));
            stage.fail("a", deferral(Duration.ofSeconds(6)));
            assertThat(stage.failure(0).code()).isEqualTo("test.down");
            assertThat(stage.failure(0).attempts()).isEqualTo(3);
        }
    }

    @Test
    void shouldCountAnewAfterTheOtherSideWasAsked() {
        try (StageHarness stage = harness(LONGEST)) {
            stage.send("k", "a");
            stage.fail("a", deferral(Duration.ofSeconds(6)));
            stage.advance(Duration.ofSeconds(7));
            stage.fail("a", CallException.retryable("test.broken", "no", null));
            stage.advance(Duration.ofSeconds(7));
            stage.fail("a", deferral(Duration.ofSeconds(6)));
            stage.advance(Duration.ofSeconds(7));
            assertThat(stage.called()).containsExactly("a#1", "a#1", "a#2", "a#2");
        }
    }

    @Test
    void shouldTakeADeferralForAFailureWhereItIsNotAllowed() {
        try (StageHarness stage = harness(Duration.ZERO)) {
            stage.send("k", "a");
            stage.fail("a", deferral(Duration.ofSeconds(1)));
            stage.advance(Duration.ofMillis(1100));
            assertThat(stage.called()).containsExactly("a#1", "a#2");
            assertThat(stage.metrics().deferrals()).isZero();
        }
    }

    @Test
    void shouldMakeACallAtOnceThatWasPutOffBeforeARestart() {
        try (StageHarness stage = harness(LONGEST)) {
            stage.send("k", "a");
            stage.fail("a", deferral(Duration.ofSeconds(9)));
            stage.restartNewInstance();
            stage.tick();
            assertThat(stage.called()).containsExactly("a#1", "a#1");
        }
    }

    @Test
    void shouldSpreadWaitsByTheJitter() {
        RetryPolicy policy = new RetryPolicy(9, Duration.ofMillis(500), Duration.ofSeconds(30), 0.5, () -> 0.8);
        Exception failure = new IllegalStateException("boom");
        assertThat(policy.after(1, failure)).isEqualTo(Duration.ofMillis(700));
        assertThat(policy.after(2, failure)).isEqualTo(Duration.ofMillis(1400));
        assertThat(policy.after(1, CallException.retryAfter("x", "later", Duration.ofSeconds(9))))
                .isEqualTo(Duration.ofMillis(9200));
        assertThat(policy.putOff(Duration.ZERO, LONGEST, deferral(Duration.ofSeconds(2))))
                .isEqualTo(Duration.ofMillis(2200));
    }

    @Test
    void shouldRefuseAJitterBeyondTheBackoff() {
        assertThatThrownBy(() -> options(LONGEST).withJitter(1.1)).hasMessageContaining("jitter");
        assertThatThrownBy(() -> options(LONGEST).withDeferrals(Duration.ofSeconds(-1)))
                .hasMessageContaining("maxDeferral");
    }

    @Test
    void shouldGiveFurtherRequestsOfACallStartsOfTheirOwn() {
        try (StageHarness stage = harness(LONGEST)) {
            Provider paced = new Provider("paced", 10, 5);
            stage.function.providers.put("a", paced);
            stage.function.providers.put("b", paced);
            assertThat(stage.runtime.furtherStart("paced")).isZero();
            stage.send("k", "a");
            assertThat(stage.runtime.furtherStart("paced")).isEqualTo(Duration.ofMillis(200));
            assertThat(stage.runtime.furtherStart("paced")).isEqualTo(Duration.ofMillis(400));
            stage.send("k", "b");
            stage.advance(Duration.ofMillis(580));
            assertThat(stage.called()).containsExactly("a#1");
            stage.tick();
            stage.tick();
            assertThat(stage.called()).containsExactly("a#1", "b#1");
            assertThat(stage.runtime.provider("paced").orElseThrow().calls()).isEqualTo(4);
        }
    }

    private static CallException deferral(Duration wait) {
        return CallException.deferred("test.down", "it is down", wait);
    }

    private static StageHarness harness(Duration longest) {
        return new StageHarness(options(longest));
    }

    private static StageOptions options(Duration longest) {
        return StageHarness.options(StageOrder.NONE, 10, 10).withDeferrals(longest);
    }
}
