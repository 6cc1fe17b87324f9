package io.penstock.stage;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How long to wait before the next attempt, if there is to be one. */
record RetryPolicy(int maxAttempts, Duration first, Duration longest) {

    /** The wait after the given number of failed attempts, or null when the record has failed for good. */
    @Nullable
    Duration after(int failedAttempts, Throwable failure) {
        if (failedAttempts >= maxAttempts || (failure instanceof CallException call && call.isPermanent())) {
            return null;
        }
        Duration backoff = doubled(failedAttempts - 1);
        Duration named = failure instanceof CallException call ? call.retryAfter() : null;
        return named != null && named.compareTo(backoff) > 0 ? named : backoff;
    }

    private Duration doubled(int times) {
        Duration wait = first;
        for (int i = 0; i < times && wait.compareTo(longest) < 0; i++) {
            wait = wait.multipliedBy(2);
        }
        return wait.compareTo(longest) < 0 ? wait : longest;
    }
}
