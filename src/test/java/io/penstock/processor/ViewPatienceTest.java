package io.penstock.processor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ViewPatienceTest {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final ViewPatience patience = new ViewPatience(() -> now, duration -> now = now.plus(duration));

    @Test
    void shouldNotWaitForWhatIsThere() {
        assertThat(waited("there", true)).isZero();
    }

    @Test
    void shouldReturnAsSoonAsTheViewHasCaughtUp() {
        Instant begin = now;
        Instant caughtUp = now.plusMillis(30);

        patience.await("late", () -> !now.isBefore(caughtUp));

        assertThat(Duration.between(begin, now)).isEqualTo(Duration.ofMillis(30));
    }

    @Test
    void shouldNotWaitTwiceInARowForWhatNeverComes() {
        assertThat(waited("never", false)).isEqualTo(Duration.ofMillis(500));
        assertThat(waited("never", false)).isZero();

        now = now.plusSeconds(11);

        assertThat(waited("never", false)).isEqualTo(Duration.ofMillis(500));
    }

    @Test
    void shouldNotLetAFloodOfUnknownNamesAddUp() {
        Duration all = Duration.ZERO;
        for (int i = 0; i < 1_000; i++) {
            all = all.plus(waited("unknown-" + i, false));
        }

        assertThat(all).isEqualTo(Duration.ofSeconds(3));
    }

    private Duration waited(String what, boolean seen) {
        Instant begin = now;
        patience.await(what, () -> seen);
        return Duration.between(begin, now);
    }
}
