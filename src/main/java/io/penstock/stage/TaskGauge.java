package io.penstock.stage;

/**
 * What one task of a stage has at hand.
 *
 * <p><b>Threading.</b> Written by the task's StreamThread alone, read by any thread.
 */
final class TaskGauge {
    private volatile Reading reading = new Reading(0, 0, Long.MAX_VALUE, 0, false);

    /**
     * @param pending records accepted and not done
     * @param executing calls waited for
     * @param oldestMillis when the oldest pending record came in (epoch milliseconds), or {@link Long#MAX_VALUE} when nothing is
     *     pending
     * @param deepestLane records in the longest lane
     * @param paused whether intake is paused
     */
    record Reading(int pending, int executing, long oldestMillis, int deepestLane, boolean paused) {}

    void set(Reading newest) {
        reading = newest;
    }

    Reading reading() {
        return reading;
    }
}
