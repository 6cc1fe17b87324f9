package io.penstock.answer;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The endpoint answered with a status that is not 2xx. */
final class EndpointException extends RuntimeException {
    private final int status;
    private final @Nullable Duration retryAfter;

    EndpointException(int status, @Nullable Duration retryAfter, String body) {
        super(body);
        this.status = status;
        this.retryAfter = retryAfter;
    }

    int status() {
        return status;
    }

    /** What the endpoint asked to wait, if it did. */
    @Nullable
    Duration retryAfter() {
        return retryAfter;
    }

    /** What the endpoint said. */
    String body() {
        return String.valueOf(getMessage());
    }
}
