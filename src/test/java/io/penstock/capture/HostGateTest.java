package io.penstock.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.penstock.stage.CallException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostGateTest {
    private static final Duration PATIENCE = Duration.ofMillis(30);

    private final OutboundCounters counters = new OutboundCounters();
    private Instant now = Instant.parse("2026-05-01T10:00:00Z");
    private final Clock clock = new SourcedClock(() -> now);
    private final Hosts hosts = new Hosts(2, PATIENCE, clock, counters);
    private final HostGate gate = hosts.of(URI.create("http://a.example/"));

    @Test
    void shouldBeForgettableWhenHoldsAndPausesAreOver() throws Exception {
        try (HostGate.Visit visit = gate.enter("p")) {
            visit.hold(Duration.ofSeconds(7));
        }
        breakDown("q");
        assertThat(gate.isForgettable()).isFalse();
        afterAPauseOf(2);
        assertThat(gate.isForgettable()).isFalse();
        afterAPauseOf(5);
        assertThat(gate.isForgettable()).isTrue();
    }

    private void breakDown(String processor) throws Exception {
        for (int i = 0; i < HostGate.WINDOW && !gate.isPaused(); i++) {
            try (HostGate.Visit visit = gate.enter(processor)) {
                visit.failed(new IllegalStateException("on purpose"));
            }
        }
    }

    @Test
    void shouldLetNoMoreInThanThereIsRoomFor() throws Exception {
        HostGate.Visit first = gate.enter("p");
        HostGate.Visit second = gate.enter("q");

        CallException busy = failure("r");
        assertThat(busy.code()).isEqualTo("capture.host-busy");
        assertThat(busy.isDeferred()).isTrue();
        assertThat(busy).hasMessageContaining("PENSTOCK_CAPTURE_PER_HOST");
        assertThat(counters.waits()).isOne();

        first.close();
        gate.enter("r").close();
        second.close();
    }

    @Test
    void shouldCountServersByHostAndPort() throws Exception {
        try (HostGate.Visit _ = gate.enter("p");
                HostGate.Visit _ = hosts.of(URI.create("http://A.example:80/b")).enter("p");
                HostGate.Visit _ = hosts.of(URI.create("https://a.example/")).enter("p")) {
            assertThat(failure("p").code()).isEqualTo("capture.host-busy");
        }
        assertThat(hosts.of(URI.create("http://a.example./"))).isSameAs(gate);
    }

    @ParameterizedTest
    @CsvSource({"502, true", "503, true", "504, true", "500, false", "404, false", "429, false", "200, false"})
    void shouldTellByAnswersWhetherTheServerIsThere(int status, boolean down) throws Exception {
        for (int i = 0; i < HostGate.WINDOW && !gate.isPaused(); i++) {
            try (HostGate.Visit visit = gate.enter("p")) {
                visit.answered(status);
            }
        }
        assertThat(gate.isPaused()).isEqualTo(down);
        assertThat(hosts.paused()).isEqualTo(down ? 1 : 0);
    }

    @Test
    void shouldFailFastWhileTheServerIsDown() throws Exception {
        breakDown();

        CallException down = failure("p");
        assertThat(down.code()).isEqualTo("capture.host-down");
        assertThat(down.isDeferred()).isTrue();
        assertThat(down.retryAfter()).isEqualTo(Duration.ofSeconds(2));
        assertThat(down.longestDeferral()).isEqualTo(HostGate.LONGEST_DOWN);
        now = now.plusMillis(500);
        assertThat(failure("p").retryAfter()).isEqualTo(Duration.ofMillis(1500));
        assertThat(counters.openings()).isOne();
        assertThat(counters.shortCircuits()).isEqualTo(2);
    }

    @Test
    void shouldLetEverybodyInAgainAfterTheProbesHadAnswers() throws Exception {
        breakDown();
        afterAPauseOf(2);

        for (int probe = 0; probe < HostGate.PROBES; probe++) {
            succeed();
        }
        for (int i = 0; i < 20; i++) {
            succeed();
        }
        assertThat(gate.isPaused()).isFalse();
        assertThat(gate.isForgettable()).isTrue();
    }

    @Test
    void shouldLetOnlyProbesInAfterAPause() throws Exception {
        Hosts roomy = new Hosts(100, PATIENCE, clock, counters);
        HostGate one = roomy.of(URI.create("http://b.example/"));
        breakDown(one);
        afterAPauseOf(2);

        for (int probe = 0; probe < HostGate.PROBES; probe++) {
            one.enter("p");
        }
        CallException down = catchThrowableOfType(CallException.class, () -> one.enter("p"));
        assertThat(down.code()).isEqualTo("capture.host-down");
        assertThat(down.retryAfter()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void shouldDoubleThePausesUpToTheLongest() throws Exception {
        breakDown();
        for (int seconds : new int[] {2, 4, 8, 16, 30, 30}) {
            assertThat(failure("p").retryAfter()).isEqualTo(Duration.ofSeconds(seconds));
            afterAPauseOf(seconds);
            for (int probe = 0; probe < HostGate.PROBES; probe++) {
                fail(gate);
            }
        }
        afterAPauseOf(30);
        for (int probe = 0; probe < HostGate.PROBES; probe++) {
            succeed();
        }
        breakDown();
        assertThat(failure("p").retryAfter()).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void shouldNotTakeAFewBadItemsAtTheEndForAServerThatIsDown() throws Exception {
        for (int i = 0; i < HostGate.WINDOW; i++) {
            succeed();
        }
        for (int i = 0; i < HostGate.WINDOW * HostGate.FAILURE_PERCENT / 100 - 1; i++) {
            fail(gate);
        }
        assertThat(gate.isPaused()).isFalse();
        fail(gate);
        assertThat(gate.isPaused()).isTrue();
    }

    @Test
    void shouldNotJudgeAServerByVisitsThatSayNothing() throws Exception {
        breakDown();
        afterAPauseOf(2);
        for (int i = 0; i < 3 * HostGate.PROBES; i++) {
            gate.enter("p").close(); // interrupted, or refused by the guard: a probe all the same
        }
        succeed();
    }

    @Test
    void shouldHoldTheProcessorThatWasAskedToWaitAndNoOther() throws Exception {
        try (HostGate.Visit visit = gate.enter("p")) {
            visit.answered(429);
            visit.hold(Duration.ofSeconds(7));
            visit.hold(Duration.ofSeconds(3));
        }
        CallException held = failure("p");
        assertThat(held.code()).isEqualTo("capture.host-busy");
        assertThat(held.isDeferred()).isTrue();
        assertThat(held.retryAfter()).isEqualTo(Duration.ofSeconds(7));
        assertThat(held.longestDeferral()).isNull();
        gate.enter("q").close();
        assertThat(gate.isForgettable()).isFalse();

        now = now.plusSeconds(7);
        gate.enter("p").close();
        assertThat(gate.isForgettable()).isTrue();
    }

    @Test
    void shouldHoldNobodyForLongerThanAMinute() throws Exception {
        try (HostGate.Visit visit = gate.enter("p")) {
            visit.hold(Duration.ofHours(1));
        }
        assertThat(failure("p").retryAfter()).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void shouldGiveThePlaceBackWhenTheServerIsDown() throws Exception {
        breakDown();
        for (int i = 0; i < 10; i++) {
            failure("p");
        }
        afterAPauseOf(2);
        try (HostGate.Visit _ = gate.enter("p");
                HostGate.Visit _ = gate.enter("p")) {
            assertThatThrownBy(() -> gate.enter("p")).hasMessageContaining("PENSTOCK_CAPTURE_PER_HOST");
        }
    }

    private void afterAPauseOf(int seconds) {
        now = now.plusSeconds(seconds).plusMillis(1);
    }

    private void breakDown() throws Exception {
        breakDown(gate);
    }

    private static void breakDown(HostGate gate) throws Exception {
        for (int i = 0; i < HostGate.WINDOW && !gate.isPaused(); i++) {
            fail(gate);
        }
    }

    private static void fail(HostGate gate) throws Exception {
        try (HostGate.Visit visit = gate.enter("p")) {
            visit.failed(new IllegalStateException("on purpose"));
        }
    }

    private void succeed() throws Exception {
        try (HostGate.Visit visit = gate.enter("p")) {
            visit.answered(200);
        }
    }

    private CallException failure(String processor) {
        CallException failure = catchThrowableOfType(CallException.class, () -> gate.enter(processor));
        if (failure == null) {
            throw new AssertionError("it was let in");
        }
        return failure;
    }
}
