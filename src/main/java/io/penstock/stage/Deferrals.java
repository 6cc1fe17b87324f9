package io.penstock.stage;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * For how long one call has been put off since the other side was last asked. Times are nanoseconds of the stage's clock.
 *
 * <p><b>Threading.</b> StreamThread only.
 */
final class Deferrals {
    private @Nullable Long since;
    /** When it was last put off by a deferral with a limit of its own; null when the last one had none. */
    private @Nullable Long limitedAt;

    private long limitedNanos;

    /** @return for how long it has been put off in all */
    Duration add(CallException deferral, long now) {
        if (since == null) {
            since = now;
        }
        if (limitedAt != null) {
            limitedNanos += now - limitedAt;
        }
        limitedAt = deferral.longestDeferral() == null ? null : now;
        return Duration.ofNanos(now - since);
    }

    /** Whether the limit of the deferral itself is reached; time for which it was put off by others does not count. */
    boolean isBeyondTheLimitOf(CallException deferral) {
        Duration longest = deferral.longestDeferral();
        return longest != null && limitedNanos >= longest.toNanos();
    }
}
