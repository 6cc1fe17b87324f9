package io.penstock.error;

import org.jspecify.annotations.Nullable;

/** Something that the person who asked should know: a stable code, and what was wrong and what to do about it. */
public class PenstockException extends RuntimeException {
    private final ErrorCode code;

    public PenstockException(ErrorCode code, String detail) {
        this(code, detail, null);
    }

    public PenstockException(ErrorCode code, String detail, @Nullable Throwable cause) {
        super(detail, cause);
        this.code = code;
    }

    public ErrorCode code() {
        return code;
    }

    /** What was wrong and what to do. */
    public String detail() {
        return String.valueOf(getMessage());
    }
}
