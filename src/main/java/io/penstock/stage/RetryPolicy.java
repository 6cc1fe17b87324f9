package io.penstock.stage;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How long to wait before the next attempt, if there is to be one. */
record RetryPolicy(int maxAttempts, Duration first, Duration longest) {

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
            return backoff;
        }
        return named.compareTo(LONGEST_NAMED) > 0 ? LONGEST_NAMED : named;
    }

    private Duration doubled(int times) {
        Duration wait = first;
        for (int i = 0; i < times && wait.compareTo(longest) < 0; i++) {
            wait = wait.multipliedBy(2);
        }
        return wait.compareTo(longest) < 0 ? wait : longest;
    }
}
