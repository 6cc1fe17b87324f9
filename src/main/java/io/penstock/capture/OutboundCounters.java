package io.penstock.capture;

import java.util.concurrent.atomic.LongAdder;

/** What goes out over HTTP, counted since the process started. May be read from any thread. */
public final class OutboundCounters {
    private final LongAdder requests = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder openings = new LongAdder();
    private final LongAdder shortCircuits = new LongAdder();
    private final LongAdder waits = new LongAdder();

    /** Requests sent, redirects and repetitions included. */
    public long requests() {
        return requests.sum();
    }

    /** Addresses that capture may not reach. */
    public long refused() {
        return refused.sum();
    }

    /** Times that a host was found to be down. */
    public long openings() {
        return openings.sum();
    }

    /** Requests not made because their host was down, or had asked to be left alone. */
    public long shortCircuits() {
        return shortCircuits.sum();
    }

    /** Requests not made because as many as may be were under way at their host for long. */
    public long waits() {
        return waits.sum();
    }

    void countRequest() {
        requests.increment();
    }

    void countRefused() {
        refused.increment();
    }

    void countOpening() {
        openings.increment();
    }

    void countShortCircuit() {
        shortCircuits.increment();
    }

    void countWait() {
        waits.increment();
    }
}
