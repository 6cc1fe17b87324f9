package io.penstock.stage;

import java.time.Duration;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How long to wait before the next attempt, if there is to be one.
 *
 * @param jitter the share of the backoff, from 0 to 1, by which a wait may be longer, so that calls that failed together are not
 *     made together again
 * @param random from 0 to 1
 */
record RetryPolicy(int maxAttempts, Duration first, Duration longest, double jitter, DoubleSupplier random) {

    /** Whoever names a longer wait than this is not believed; the times that a stage reckons with have a limit, too. */
    private static final Duration LONGEST_NAMED = Duration.ofDays(1);

    /** The wait after the given number of failed attempts, or null when the record has failed for good. */
    @Nullable
    Duration after(int failedAttempts, Throwable failure) {
        if (failedAttempts >= maxAttempts || (failure instanceof CallException call && call.isPermanent())) {
            return null;
        }
        Duration backoff = doubled(failedAttempts - 1);
        Duration named = failure instanceof CallException call ? call.retryAfter() : null;
        if (named == null || named.compareTo(backoff) <= 0) {
            return backoff.plus(spread(backoff));
        }
        return (named.compareTo(LONGEST_NAMED) > 0 ? LONGEST_NAMED : named).plus(spread(backoff));
    }

    /** The wait before a call that was put off, or null when it has been put off for so long that this counts as a failure. */
    @Nullable
    Duration putOff(Duration soFar, Duration longestInAll, CallException deferral) {
        if (soFar.compareTo(longestInAll) >= 0) {
            return null;
        }
        Duration named = deferral.retryAfter();
        Duration wait = named == null || named.compareTo(first) < 0 ? first : named;
        return wait.plus(spread(first));
    }

    private Duration spread(Duration of) {
        return jitter == 0 ? Duration.ZERO : Duration.ofNanos((long) (of.toNanos() * jitter * random.getAsDouble()));
    }

    private Duration doubled(int times) {
        Duration wait = first;
        for (int i = 0; i < times && wait.compareTo(longest) < 0; i++) {
            wait = wait.multipliedBy(2);
        }
        return wait.compareTo(longest) < 0 ? wait : longest;
    }
}
