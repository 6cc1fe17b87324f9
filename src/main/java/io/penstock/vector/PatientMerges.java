package io.penstock.vector;

import java.io.IOException;
import java.util.concurrent.Semaphore;
import org.apache.lucene.index.ConcurrentMergeScheduler;
import org.apache.lucene.index.MergePolicy;
import org.apache.lucene.index.MergeScheduler;

/**
 * Merges in a thread of its own, however many merges wait, and in turns with the other shards of the application. Lucene's standard
 * is to halt whoever writes when merging falls behind; here that is a StreamThread, which must go on to poll. What falls behind is
 * the number of segments, for a while.
 */
final class PatientMerges extends ConcurrentMergeScheduler {
    private static final int MERGE_THREADS = 1;
    private static final int MERGES = 64;

    private final Semaphore turns;

    /** @param turns how many merges of all shards may be made at once */
    PatientMerges(Semaphore turns) {
        this.turns = turns;
        setMaxMergesAndThreads(MERGES, MERGE_THREADS);
    }

    /** Half of the cores, so that searches and whatever else goes on have the others. */
    static Semaphore turns() {
        return new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors() / 2), true);
    }

    /** @return whether to merge at all, which is always the case */
    @Override
    protected synchronized boolean maybeStall(MergeScheduler.MergeSource source) {
        return true;
    }

    @Override
    protected void doMerge(MergeScheduler.MergeSource source, MergePolicy.OneMerge merge) throws IOException {
        turns.acquireUninterruptibly();
        try {
            super.doMerge(source, merge);
        } finally {
            turns.release();
        }
    }
}
