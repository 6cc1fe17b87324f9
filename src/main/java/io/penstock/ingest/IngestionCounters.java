package io.penstock.ingest;

import java.util.concurrent.atomic.LongAdder;

/** What ingestion has done since the process started. May be used from any thread. */
public final class IngestionCounters {
    private final LongAdder embedded = new LongAdder();
    private final LongAdder reused = new LongAdder();
    private final LongAdder written = new LongAdder();
    private final LongAdder removed = new LongAdder();
    private final LongAdder dropped = new LongAdder();

    /** Chunks whose vector was computed. */
    public long chunksEmbedded() {
        return embedded.sum();
    }

    /** Chunks whose vector was known from the ledger or from an equal chunk. */
    public long chunksReused() {
        return reused.sum();
    }

    /** Chunk records written, new ones and changed ones. */
    public long chunksWritten() {
        return written.sum();
    }

    /** Chunks removed by a tombstone. */
    public long chunksRemoved() {
        return removed.sum();
    }

    /** Inferences dropped because the life of the segment that they bear is over. */
    public long inferencesDropped() {
        return dropped.sum();
    }

    void countEmbedded() {
        embedded.increment();
    }

    void countReused() {
        reused.increment();
    }

    void countWritten(int chunks) {
        written.add(chunks);
    }

    void countRemoved(int chunks) {
        removed.add(chunks);
    }

    void countDropped() {
        dropped.increment();
    }
}
