package io.penstock.stage;

import java.time.Duration;

/**
 * The limits of one provider, or of one stage. A paced provider grants one start per interval ({@code 1 / ratePerSecond}), never a saved-up
 * burst: time in which nobody asked earns nothing. Only the delay of those who were refused and came back late (they look
 * once per tick) is made up for, up to {@link #MAX_LATENESS_NANOS}, so that rates above one per tick are reached.
 *
 * <p><b>Threading.</b> May be used from any thread: StreamThreads acquire, threads of calls release.
 */
final class ProviderLimiter {
    private static final long MAX_LATENESS_NANOS = Duration.ofMillis(100).toNanos();
    private static final long NEVER = -MAX_LATENESS_NANOS - 1;

    private Provider limits;
    private long intervalNanos;
    private int executing;
    private int waiting;
    private long calls;
    private long retries;
    private long nextStart;
    /** When somebody was last known to wait for the next start. */
    private long awaitedAt = NEVER;

    ProviderLimiter(Provider limits) {
        this.limits = limits;
        this.intervalNanos = intervalOf(limits);
    }

    /** The limits from now on; what is executing stays. */
    synchronized void adopt(Provider newest) {
        if (!newest.equals(limits)) {
            long interval = intervalOf(newest);
            nextStart += interval - intervalNanos;
            intervalNanos = interval;
            limits = newest;
        }
    }

    /** Whether a call may start now; if so, {@link #release} or {@link #giveBack} must follow. */
    synchronized boolean tryAcquire(long nowNanos) {
        if (executing >= limits.maxConcurrent()) {
            return false;
        }
        if (intervalNanos > 0) {
            if (nowNanos < nextStart) {
                awaitedAt = nowNanos;
                return false;
            }
            long earliest = nowNanos - MAX_LATENESS_NANOS;
            long due = awaitedAt >= earliest ? Math.max(nextStart, earliest) : nowNanos;
            nextStart = due + intervalNanos;
            awaitedAt = nextStart <= nowNanos ? nowNanos : NEVER;
        }
        executing++;
        calls++;
        return true;
    }

    /** The call has ended. */
    synchronized void release() {
        executing--;
    }

    /** No call was made after all: neither a place nor a start is used up. */
    synchronized void giveBack() {
        executing--;
        calls--;
        nextStart -= intervalNanos;
    }

    /** A record waits for room. */
    synchronized void awaited() {
        waiting++;
    }

    /** So many records wait for it no more. */
    synchronized void awaitedNoMore(int records) {
        waiting -= records;
    }

    synchronized void countRetry() {
        retries++;
    }

    synchronized ProviderUse use() {
        return new ProviderUse(limits, executing, waiting, calls, retries);
    }

    private static long intervalOf(Provider provider) {
        return provider.ratePerSecond() == 0 ? 0 : (long) (1_000_000_000L / provider.ratePerSecond());
    }
}
