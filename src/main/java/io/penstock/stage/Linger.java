package io.penstock.stage;

import java.util.SequencedSet;

/**
 * Whether to wait for a call that has just begun rather than read on. Only while calls end so soon: one that did not, and one that was
 * waited for in vain, stand for those that follow, until one is quick again.
 *
 * <p><b>Threading.</b> StreamThread only.
 */
final class Linger {
    private final long nanos;
    private boolean pays = true;

    Linger(StageOptions options) {
        this.nanos = options.lingerForResult().toNanos();
    }

    /** When a wait that begins now must be over; now if there is no use in one. */
    long until(long now) {
        return pays ? now + nanos : now;
    }

    /** Whether the call that began last may still be quick. */
    boolean isWorthwhile(SequencedSet<? extends Call<?, ?, ?>> executing, long now) {
        return pays && !executing.isEmpty() && executing.getLast().beganWithin(nanos, now);
    }

    void ended(Call<?, ?, ?> call) {
        pays = call.tookNanos() < nanos;
    }

    void inVain() {
        pays = false;
    }
}
