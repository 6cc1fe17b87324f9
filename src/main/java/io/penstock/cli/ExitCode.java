package io.penstock.cli;

/** What a command ends with. Scripts rely on the numbers, so none changes its meaning. */
enum ExitCode {
    /** Answered, found, ended DONE, ready. */
    DONE(0),
    /** Something that the command itself did not foresee. */
    INTERNAL(1),
    USAGE(2),
    /** The answer is no: nothing relevant is known, nothing was found, not ready. */
    NEGATIVE(3),
    RUN_PARTIAL(4),
    RUN_FAILED(5),
    /** Nothing answers at the address, or the connection broke for good. */
    UNREACHABLE(6),
    UNAUTHORIZED(7),
    /** The request was refused: any other status from 300 to 499. */
    REFUSED(8),
    SERVER_FAILED(9),
    /** Busy or not ready: the same may succeed later. */
    NOT_NOW(10),
    TIMED_OUT(11),
    /** What a shell shows for a program that SIGPIPE ended. */
    BROKEN_PIPE(141);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    /** What an answer with an HTTP status means, other than success. */
    static ExitCode of(int status) {
        return switch (status) {
            case 401, 403 -> UNAUTHORIZED;
            case 408, 504 -> TIMED_OUT;
            case 429, 503 -> NOT_NOW;
            default -> status >= 500 ? SERVER_FAILED : REFUSED;
        };
    }
}
