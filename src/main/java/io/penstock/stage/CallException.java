package io.penstock.stage;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A call failed. Thrown by an {@link AsyncCall}; any other exception counts as transient. */
public final class CallException extends Exception {
    private final String code;
    private final Kind kind;
    private final @Nullable Duration retryAfter;
    private final @Nullable Duration longestDeferral;

    private enum Kind {
        PERMANENT,
        RETRYABLE,
        DEFERRED
    }

    private CallException(
            String code, String message, Kind kind, @Nullable Duration retryAfter, @Nullable Throwable cause) {
        this(code, message, kind, retryAfter, null, cause);
    }

    private CallException(
            String code,
            String message,
            Kind kind,
            @Nullable Duration retryAfter,
            @Nullable Duration longestDeferral,
            @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
        this.kind = kind;
        this.retryAfter = retryAfter;
        this.longestDeferral = longestDeferral;
    }

    /** Another attempt would fail likewise. */
    public static CallException permanent(String code, String message) {
        return new CallException(code, message, Kind.PERMANENT, null, null);
    }

    /** Another attempt would fail likewise. */
    public static CallException permanent(String code, String message, Throwable cause) {
        return new CallException(code, message, Kind.PERMANENT, null, cause);
    }

    /** Another attempt may succeed. */
    public static CallException retryable(String code, String message, @Nullable Throwable cause) {
        return new CallException(code, message, Kind.RETRYABLE, null, cause);
    }

    /** Another attempt may succeed, but not before the given time has passed. */
    public static CallException retryAfter(String code, String message, Duration retryAfter) {
        return new CallException(code, message, Kind.RETRYABLE, retryAfter, null);
    }

    /**
     * The other side was not even asked, because it has no room or is known to be down. A stage that allows it puts the call off and
     * counts no attempt; to another one this is a failure like that of {@link #retryAfter}.
     */
    public static CallException deferred(String code, String message, Duration retryAfter) {
        return new CallException(code, message, Kind.DEFERRED, retryAfter, null);
    }

    /**
     * As {@link #deferred(String, String, Duration)}, with a limit of its own.
     *
     * @param longestInAll for how long a call may be put off in this way until that counts as an attempt, if the stage does not
     *     allow less
     */
    public static CallException deferred(String code, String message, Duration retryAfter, Duration longestInAll) {
        return new CallException(code, message, Kind.DEFERRED, retryAfter, longestInAll, null);
    }

    /** The same failure in other words, and without its cause. */
    public CallException withMessage(String message) {
        return new CallException(code, message, kind, retryAfter, longestDeferral, null);
    }

    /** A stable error code. */
    public String code() {
        return code;
    }

    public boolean isPermanent() {
        return kind == Kind.PERMANENT;
    }

    public boolean isDeferred() {
        return kind == Kind.DEFERRED;
    }

    /** The least time to wait before the next attempt, if the other side named one. */
    public @Nullable Duration retryAfter() {
        return retryAfter;
    }

    /** For how long a call may be put off in this way until that counts as an attempt; null when only the stage says so. */
    public @Nullable Duration longestDeferral() {
        return longestDeferral;
    }
}
