package io.penstock.cli;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Until when a command has patience. */
final class Deadline {
    private static final Duration FOREVER = Duration.ofDays(365);

    private final Time time;
    private final @Nullable Duration patience;
    private final long began;

    /** @param patience from now on; null is without end */
    Deadline(Time time, @Nullable Duration patience) {
        this.time = time;
        this.patience = patience;
        this.began = time.nanos();
    }

    Duration left() {
        return patience == null ? FOREVER : patience.minusNanos(time.nanos() - began);
    }

    boolean isOver() {
        return !left().isPositive();
    }

    Failure failure(String whatIsMissing) {
        return new Failure(
                ExitCode.TIMED_OUT,
                "client.timeout",
                whatIsMissing + " within " + Durations.text(patience == null ? FOREVER : patience)
                        + "; --timeout allows longer.");
    }
}
