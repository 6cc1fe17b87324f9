package io.penstock.capture;

import io.penstock.error.ErrorCode;
import io.penstock.stage.CallException;
import java.time.Duration;

/**
 * The time that one entry has for all of its requests. When it is over the entry fails for good: another attempt would begin with
 * the first page again, and would not come any farther.
 *
 * <p><b>Threading.</b> Used by the thread of one capture.
 */
final class EntryTime {
    private final Duration longest;
    private final long deadlineNanos;
    private Duration paced = Duration.ZERO;
    private int requests;

    EntryTime(Duration longest) {
        this.longest = longest;
        this.deadlineNanos = System.nanoTime() + longest.toNanos();
    }

    /** On {@link System#nanoTime()}. */
    long deadlineNanos() {
        return deadlineNanos;
    }

    /** Whether a further request has failed for want of time. The first one has all of it. */
    boolean isOver() {
        return requests > 1 && System.nanoTime() - deadlineNanos >= 0;
    }

    boolean isFirstRequest() {
        return requests == 0;
    }

    void countRequest() {
        requests++;
    }

    /** @throws CallException when so long a wait does not fit */
    void pace(Duration wait) throws CallException {
        if (System.nanoTime() + wait.toNanos() - deadlineNanos >= 0) {
            paced = paced.plus(wait);
            throw tooSlow();
        }
        paced = paced.plus(wait);
    }

    CallException tooSlow() {
        String what = "After " + requests + " requests the " + longest.toMinutes()
                + " minutes that one entry has for all of its pages are used up. ";
        boolean byPace = paced.compareTo(longest.dividedBy(2)) > 0;
        return CallException.permanent(
                ErrorCode.CAPTURE_TOO_SLOW.code(),
                what
                        + (byPace
                                ? "Most of that was waiting for the pace of the processor: raise 'api_rate_limit', lower"
                                        + " 'batch_size', whose entries share it, or take fewer pages with 'pages.most'."
                                : "The server takes most of it: ask for more on each page, take fewer pages with"
                                        + " 'pages.most', or make several entries of this one."));
    }
}
