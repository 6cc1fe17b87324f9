package io.penstock.vector;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
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

    /** How often a merge that waits for its turn looks whether its shard is being closed. */
    private static final Duration LOOK_EVERY = Duration.ofMillis(50);

    private final Semaphore turns;
    private volatile Runnable afterwards = () -> {};

    /** @param turns how many merges of all shards may be made at once */
    PatientMerges(Semaphore turns) {
        this.turns = turns;
        setMaxMergesAndThreads(MERGES, MERGE_THREADS);
    }

    /** What is done after each merge, on the thread that made it. */
    void afterEach(Runnable action) {
        afterwards = action;
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

    /**
     * Lets each merge go at full speed. Lucene's standard is to pause the larger one until the smaller ones have ended; the larger
     * one may have the turn that these wait for, and then none would ever end.
     */
    @Override
    protected synchronized void updateMergeThreads() {}

    @Override
    protected void doMerge(MergeScheduler.MergeSource source, MergePolicy.OneMerge merge) throws IOException {
        boolean turn = awaitTurn(merge);
        try {
            super.doMerge(source, merge); // aborted, it ends at once, and is taken off the list of those to wait for
        } finally {
            if (turn) {
                turns.release();
            }
        }
        afterwards.run();
    }

    /** Whether it is this merge's turn; otherwise it was aborted, and whoever closes the shard waits for no other shard. */
    private boolean awaitTurn(MergePolicy.OneMerge merge) {
        boolean interrupted = false;
        try {
            while (!merge.isAborted()) {
                try {
                    if (turns.tryAcquire(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
                        return true;
                    }
                } catch (InterruptedException e) {
                    interrupted = true; // the writer counts on each merge to end by itself
                }
            }
            return false;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
