package io.penstock.answer;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * An exchange with an endpoint failed. Has no cause: LangChain4j would judge by it, and its message might hold what the endpoint
 * echoed.
 */
final class EndpointException extends RuntimeException {
    private final Kind kind;
    private final int status;
    private final @Nullable Duration retryAfter;

    /** What went wrong. */
    enum Kind {
        /** The endpoint answered with a status that is not 2xx. */
        REFUSED,
        /** There was no connection, or it ended before the head of an answer. */
        UNREACHABLE,
        /** The connection broke in the middle of the answer. */
        BROKEN,
        /** Nothing came for as long as the endpoint may be silent. */
        STALLED,
        /** The answer was not whole when its time was over. */
        LATE,
        /** The endpoint reported an error in the middle of its answer. */
        REPORTED,
        /** The answer ended, but without the sign that it was whole. */
        TRUNCATED,
        /** The answer is something else than a stream of a completion. */
        UNREADABLE,
        /** The answer is larger than any completion. */
        TOO_LARGE,
        /** The calling thread was interrupted. */
        CANCELLED
    }

    private EndpointException(Kind kind, int status, @Nullable Duration retryAfter, String detail) {
        super(detail);
        this.kind = kind;
        this.status = status;
        this.retryAfter = retryAfter;
    }

    EndpointException(Kind kind, String detail) {
        this(kind, 0, null, detail);
    }

    static EndpointException refused(int status, @Nullable Duration retryAfter, String body) {
        return new EndpointException(Kind.REFUSED, status, retryAfter, body);
    }

    Kind kind() {
        return kind;
    }

    /** The HTTP status when {@link Kind#REFUSED}, else 0. */
    int status() {
        return status;
    }

    /** What the endpoint asked to wait, if it did. */
    @Nullable
    Duration retryAfter() {
        return retryAfter;
    }

    /** What the endpoint said or what happened, without the key; may be empty. */
    String detail() {
        return String.valueOf(getMessage());
    }
}
