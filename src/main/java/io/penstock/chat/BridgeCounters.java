package io.penstock.chat;

import java.util.concurrent.atomic.LongAdder;

/** What the bridge has counted since the start. May be read from any thread. */
public final class BridgeCounters {
    private final LongAdder timeouts = new LongAdder();
    private final LongAdder cancelled = new LongAdder();
    private final LongAdder resumed = new LongAdder();
    private final LongAdder handedOver = new LongAdder();

    /** Requests to which there was no reply in time. */
    public long timeouts() {
        return timeouts.sum();
    }

    /** Requests whose callers went away and that were cancelled for it. */
    public long cancelled() {
        return cancelled.sum();
    }

    /** Streams that were taken up here. */
    public long resumed() {
        return resumed.sum();
    }

    /** Whole replies that were written here, and given to whoever asked without being read again. */
    public long handedOver() {
        return handedOver.sum();
    }

    void timedOut() {
        timeouts.increment();
    }

    void cancelledOne() {
        cancelled.increment();
    }

    void resumedOne() {
        resumed.increment();
    }

    void handedOverOne() {
        handedOver.increment();
    }
}
