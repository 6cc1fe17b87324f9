package io.penstock.stage;

import java.time.Duration;

/**
 * How many calls at once a task may make after it was started with pending records: few at first, then twice as many at each of some
 * steps, so that a provider that comes back together with its callers is not buried, and a record that kills the process does not take
 * all others' calls with it each time.
 */
final class Ramp {
    private static final int STEPS = 4;

    private final int all;
    private final long begin;
    private final long stepNanos;

    private Ramp(int all, long begin, long stepNanos) {
        this.all = all;
        this.begin = begin;
        this.stepNanos = stepNanos;
    }

    static Ramp none(int all) {
        return new Ramp(all, 0, 0);
    }

    /** @param length until all calls may be made */
    static Ramp over(Duration length, int all, long nowNanos) {
        return new Ramp(all, nowNanos, length.toNanos() / STEPS);
    }

    /** Calls at once that may be made now. */
    int limit(long nowNanos) {
        if (stepNanos == 0) {
            return all;
        }
        long steps = (nowNanos - begin) / stepNanos;
        return steps >= STEPS ? all : Math.max(1, all >> (STEPS - steps));
    }
}
