package io.penstock.answer;

import io.penstock.error.ErrorCode;
import io.penstock.stage.CallException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A call to a language model failed, with the code that it is counted by. */
final class ModelFailure extends Exception {
    private final ErrorCode code;
    private final boolean permanent;
    private final @Nullable Duration retryAfter;

    ModelFailure(ErrorCode code, String message, boolean permanent, @Nullable Duration retryAfter) {
        super(message);
        this.code = code;
        this.permanent = permanent;
        this.retryAfter = retryAfter;
    }

    static ModelFailure permanent(ErrorCode code, String message) {
        return new ModelFailure(code, message, true, null);
    }

    static ModelFailure retryable(ErrorCode code, String message) {
        return new ModelFailure(code, message, false, null);
    }

    ErrorCode code() {
        return code;
    }

    /** Has no cause: what an endpoint echoed may be in any message. */
    CallException toCallException() {
        String message = String.valueOf(getMessage());
        if (permanent) {
            return CallException.permanent(code.code(), message);
        }
        return retryAfter == null
                ? CallException.retryable(code.code(), message, null)
                : CallException.retryAfter(code.code(), message, retryAfter);
    }
}
