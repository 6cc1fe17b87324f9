package io.penstock.stage;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/**
 * The numbers of one stage, over all of its tasks in this process. Gauges say how it is now; counters count since the process
 * started.
 *
 * <p><b>Threading.</b> May be read from any thread. Gauges are brought up to date whenever a task processes a record or ticks.
 */
public final class StageMetrics {
    private final String stage;
    private final StageClock clock;
    private final Set<TaskGauge> tasks = ConcurrentHashMap.newKeySet();
    private final LongAdder succeeded = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private final LongAdder cancelled = new LongAdder();
    private final LongAdder calls = new LongAdder();
    private final LongAdder retries = new LongAdder();
    private final LongAdder deferrals = new LongAdder();
    private final LongAdder timeouts = new LongAdder();
    private final LongAdder reexecuted = new LongAdder();
    private final LongAdder droppedLate = new LongAdder();
    private final LongAdder overflowed = new LongAdder();

    StageMetrics(String stage, StageClock clock) {
        this.stage = stage;
        this.clock = clock;
    }

    /** Name of the stage. */
    public String stage() {
        return stage;
    }

    /** Gauge: records accepted whose outcome is not yet forwarded, executing ones included. */
    public int pending() {
        return readings().mapToInt(TaskGauge.Reading::pending).sum();
    }

    /** Gauge: calls that the stage waits for. */
    public int executing() {
        return readings().mapToInt(TaskGauge.Reading::executing).sum();
    }

    /** Gauge: how long the oldest pending record has been pending, also across restarts; zero when none is. */
    public Duration oldestAge() {
        long oldest =
                readings().mapToLong(TaskGauge.Reading::oldestMillis).min().orElse(Long.MAX_VALUE);
        return oldest == Long.MAX_VALUE ? Duration.ZERO : Duration.ofMillis(Math.max(0, clock.millis() - oldest));
    }

    /** Gauge: records in the longest lane, the one at work included; in a stage without order, zero. */
    public int deepestLane() {
        return readings().mapToInt(TaskGauge.Reading::deepestLane).max().orElse(0);
    }

    /** Gauge: tasks whose intake is paused because they are full. */
    public int pausedTasks() {
        return (int) readings().filter(TaskGauge.Reading::paused).count();
    }

    private Stream<TaskGauge.Reading> readings() {
        return tasks.stream().map(TaskGauge::reading);
    }

    /** Results forwarded. */
    public long succeeded() {
        return succeeded.sum();
    }

    /** Records that failed for good. */
    public long failed() {
        return failed.sum();
    }

    /** Records that their preparation dropped. */
    public long dropped() {
        return dropped.sum();
    }

    /** Records that a fence stopped. */
    public long cancelled() {
        return cancelled.sum();
    }

    /** Calls started. */
    public long calls() {
        return calls.sum();
    }

    /** Failed attempts after which another one was planned. */
    public long retries() {
        return retries.sum();
    }

    /** Calls that were put off without an attempt. */
    public long deferrals() {
        return deferrals.sum();
    }

    /** Calls given up at their deadline. */
    public long timeouts() {
        return timeouts.sum();
    }

    /** First calls, after a start, for records found pending at it; they may have been made before. */
    public long reexecuted() {
        return reexecuted.sum();
    }

    /** Ends of calls that nobody waited for any more: timed out, stopped by a fence, or of an earlier life of the task. */
    public long droppedLate() {
        return droppedLate.sum();
    }

    /** Records accepted although the stage was full: fetched before its intake was paused, or after holding back had not helped. */
    public long overflowed() {
        return overflowed.sum();
    }

    void add(TaskGauge task) {
        tasks.add(task);
    }

    void remove(TaskGauge task) {
        tasks.remove(task);
    }

    void count(Outcome<?> outcome) {
        switch (outcome) {
            case Outcome.Succeeded<?> _ -> succeeded.increment();
            case Outcome.Failed<?> _ -> failed.increment();
            case Outcome.Dropped<?> _ -> dropped.increment();
        }
    }

    void countCall(boolean again) {
        calls.increment();
        if (again) {
            reexecuted.increment();
        }
    }

    void countCancelled() {
        cancelled.increment();
    }

    void countRetry() {
        retries.increment();
    }

    void countDeferral() {
        deferrals.increment();
    }

    void countTimeout() {
        timeouts.increment();
    }

    void countLate() {
        droppedLate.increment();
    }

    void countOverflow() {
        overflowed.increment();
    }
}
