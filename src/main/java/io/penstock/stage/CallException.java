package io.penstock.stage;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A call failed. Thrown by an {@link AsyncCall}; any other exception counts as transient. */
public final class CallException extends Exception {
    private final String code;
    private final boolean permanent;
    private final @Nullable Duration retryAfter;

    private CallException(
            String code, String message, boolean permanent, @Nullable Duration retryAfter, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
        this.permanent = permanent;
        this.retryAfter = retryAfter;
    }

    /** Another attempt would fail likewise. */
    public static CallException permanent(String code, String message) {
        return new CallException(code, message, true, null, null);
    }

    /** Another attempt would fail likewise. */
    public static CallException permanent(String code, String message, Throwable cause) {
        return new CallException(code, message, true, null, cause);
    }

    /** Another attempt may succeed. */
    public static CallException retryable(String code, String message, @Nullable Throwable cause) {
        return new CallException(code, message, false, null, cause);
    }

    /** Another attempt may succeed, but not before the given time has passed. */
    public static CallException retryAfter(String code, String message, Duration retryAfter) {
        return new CallException(code, message, false, retryAfter, null);
    }

    /** A stable error code. */
    public String code() {
        return code;
    }

    public boolean isPermanent() {
        return permanent;
    }

    /** The least time to wait before the next attempt, if the other side named one. */
    public @Nullable Duration retryAfter() {
        return retryAfter;
    }
}
