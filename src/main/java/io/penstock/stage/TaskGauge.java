package io.penstock.stage;

/**
 * What one task of a stage has at hand.
 *
 * <p><b>Threading.</b> Written by the task's StreamThread alone, read by any thread.
 */
final class TaskGauge {
    private volatile int pending;
    private volatile int executing;
    private volatile long oldestMillis = Long.MAX_VALUE;

    void set(int pendingNow, int executingNow, long oldestAcceptedMillis) {
        pending = pendingNow;
        executing = executingNow;
        oldestMillis = oldestAcceptedMillis;
    }

    int pending() {
        return pending;
    }

    int executing() {
        return executing;
    }

    /** When the oldest pending record came in (epoch milliseconds), or {@link Long#MAX_VALUE} when nothing is pending. */
    long oldestMillis() {
        return oldestMillis;
    }
}
