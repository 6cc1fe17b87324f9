package io.penstock.stage;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The limits of one provider, or of one stage. A paced provider grants one start per interval ({@code 1 / ratePerSecond}), never a saved-up
 * burst: time in which nobody asked earns nothing. Only the delay of those who were refused and came back late (they look
 * once per tick) is made up for, up to {@link #MAX_LATENESS_NANOS}, so that rates above one per tick are reached.
 *
 * <p>Places and starts go in turn: who was refused one has a claim, is told when a place is free, and is served before those who
 * come later.
 * Without that, a task with a backlog would take each place again that its own call gave free, and another task would wait for the
 * end of that backlog. A claim that is not used within {@link #MAX_CLAIM_NANOS} of a free place lapses.
 *
 * <p><b>Threading.</b> May be used from any thread: StreamThreads acquire, threads of calls release.
 */
final class ProviderLimiter {
    private static final long MAX_LATENESS_NANOS = Duration.ofMillis(100).toNanos();
    private static final long NEVER = -MAX_LATENESS_NANOS - 1;
    private static final long MAX_CLAIM_NANOS = Duration.ofSeconds(1).toNanos();

    private Provider limits;
    private long intervalNanos;
    private int executing;
    private int waiting;
    private long calls;
    private long retries;
    private long nextStart;
    /** When somebody was last known to wait for the next start. */
    private long awaitedAt = NEVER;
    /** Of those who were refused a place, in their order. */
    private final Map<Claimant, Claim> claims = new LinkedHashMap<>();

    /** Whoever asks for places, such as one life of a task. Told by identity. */
    interface Claimant {
        /** There is a place now. May be called by any thread; must not block. */
        void placeIsFree();
    }

    /** Since when somebody is kept from a free place by it. */
    private static final class Claim {
        private boolean keepsOthersBack;
        private long since;

        boolean lapsed(long nowNanos) {
            if (!keepsOthersBack) {
                keepsOthersBack = true;
                since = nowNanos;
            }
            return nowNanos - since > MAX_CLAIM_NANOS;
        }
    }

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

    /**
     * Whether a call may start now; if so, {@link #release} or {@link #giveBack} must follow. If there is no place for the claimant,
     * it keeps its turn until it asks again or {@link #withdraw withdraws}.
     */
    synchronized boolean tryAcquire(long nowNanos, Claimant claimant) {
        boolean paced = intervalNanos > 0 && executing < limits.maxConcurrent();
        boolean early = paced && nowNanos < nextStart;
        if (early || !isTurnOf(claimant, nowNanos)) {
            claims.putIfAbsent(claimant, new Claim());
            awaitedAt = paced ? nowNanos : awaitedAt;
            return false;
        }
        claims.remove(claimant);
        if (intervalNanos > 0) {
            long earliest = nowNanos - MAX_LATENESS_NANOS;
            long due = awaitedAt >= earliest ? Math.max(nextStart, earliest) : nowNanos;
            nextStart = due + intervalNanos;
            awaitedAt = nextStart <= nowNanos ? nowNanos : NEVER;
        }
        executing++;
        calls++;
        return true;
    }

    /**
     * One more start for somebody who has a place already, before all who wait for one: what was begun is ended first.
     *
     * @return nanoseconds until that start
     */
    synchronized long reserveStart(long nowNanos) {
        calls++;
        if (intervalNanos == 0) {
            return 0;
        }
        long due = Math.max(nextStart, nowNanos);
        nextStart = due + intervalNanos;
        return due - nowNanos;
    }

    private boolean isTurnOf(Claimant claimant, long nowNanos) {
        int free = free();
        Iterator<Map.Entry<Claimant, Claim>> earlier = claims.entrySet().iterator();
        while (free > 0 && earlier.hasNext()) {
            Map.Entry<Claimant, Claim> next = earlier.next();
            if (next.getKey() == claimant) {
                return true;
            }
            if (next.getValue().lapsed(nowNanos)) {
                earlier.remove();
            } else {
                free--;
            }
        }
        return free > 0;
    }

    /** Places for those whose turn it is; of a paced provider's starts there is one at a time. */
    private int free() {
        int free = limits.maxConcurrent() - executing;
        return intervalNanos > 0 ? Math.min(free, 1) : free;
    }

    /** Has no use for a place at present; loses its turn. */
    void withdraw(Claimant claimant) {
        if (forget(claimant)) {
            tellWhoseTurnItIs(); // a place may have been kept for it
        }
    }

    private synchronized boolean forget(Claimant claimant) {
        return claims.remove(claimant) != null;
    }

    /** The call has ended. */
    void release() {
        leave();
        tellWhoseTurnItIs();
    }

    private synchronized void leave() {
        executing--;
    }

    /** No call was made after all: neither a place nor a start is used up. */
    void giveBack() {
        undo();
        tellWhoseTurnItIs();
    }

    private synchronized void undo() {
        executing--;
        calls--;
        nextStart -= intervalNanos;
    }

    private void tellWhoseTurnItIs() {
        whoseTurnItIs().forEach(Claimant::placeIsFree);
    }

    private synchronized List<Claimant> whoseTurnItIs() {
        int free = free();
        if (free <= 0 || claims.isEmpty()) {
            return List.of();
        }
        List<Claimant> next = new ArrayList<>();
        for (Claimant claimant : claims.keySet()) {
            if (next.size() == free) {
                break;
            }
            next.add(claimant);
        }
        return next;
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
