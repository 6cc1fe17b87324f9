package io.penstock.vector;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that refreshes and commits one index, and tidies it up when it has come to rest. It sleeps while nothing changes.
 *
 * <p>Threading: every method may be called from any thread.
 */
final class IndexMaintenance {
    private static final Logger LOG = LoggerFactory.getLogger(IndexMaintenance.class);
    private static final long NEVER = Long.MAX_VALUE;

    /** An idle index says this often that it is still in touch with its topic, so that it is not taken for a stale one. */
    private static final long STAMP_NANOS = LuceneIndex.STAMP_INTERVAL.toNanos();

    /** Searches that must see the newest share a refresh: each leaves a segment, which the next searches pay for. */
    private static final long LEAST_NANOS = Duration.ofMillis(20).toNanos();

    /** After so long without a change the index is at rest. */
    private static final long REST_NANOS = Duration.ofSeconds(1).toNanos();

    /** Where a chunk comes now and then, tidying up must not be what the machine does most of the time. */
    private static final long TIDY_NANOS = Duration.ofSeconds(30).toNanos();

    private final LuceneIndex index;
    private final long refreshNanos;
    private final long commitNanos;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition refreshed = lock.newCondition();

    /** Lets {@link #changed} skip the lock while a refresh is planned anyway. */
    private volatile boolean stale;

    private boolean refreshNow;
    private boolean commitWanted;
    private boolean closed;
    private long lastRefresh;
    private long lastCommit;
    private boolean rearranged;
    private boolean untidy;
    private long lastTidy;

    IndexMaintenance(String name, LuceneIndex index, Duration refreshInterval, Duration commitInterval) {
        this.index = index;
        this.refreshNanos = refreshInterval.toNanos();
        this.commitNanos = commitInterval.toNanos();
        this.thread = Thread.ofPlatform()
                .daemon()
                .name("penstock-" + name + "-maintenance")
                .unstarted(this::run);
    }

    void start() {
        lastRefresh = System.nanoTime() - refreshNanos;
        lastCommit = System.nanoTime() - commitNanos;
        lastTidy = System.nanoTime() - TIDY_NANOS;
        thread.start();
    }

    /** The index has changed: a refresh within the refresh interval. */
    void changed() {
        if (!stale) {
            stale = true;
            signal(() -> {});
        }
    }

    /** A commit as soon as the commit interval allows. */
    void commitWanted() {
        signal(() -> commitWanted = true);
    }

    /** Segments were merged: what was merged is shown, and what it was made of is given up. */
    void merged() {
        signal(() -> {
            rearranged = true;
            commitWanted = true;
        });
    }

    /** A refresh has been made. */
    void refreshed() {
        lock.lock();
        try {
            refreshed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Refreshes at once and waits until a condition on the view holds; whether it did in time. */
    boolean await(BooleanSupplier condition, Duration limit) throws InterruptedException {
        long remaining = limit.toNanos();
        lock.lock();
        try {
            while (!condition.getAsBoolean()) {
                if (remaining <= 0 || closed) {
                    return false;
                }
                refreshNow = true;
                work.signal();
                remaining = refreshed.awaitNanos(remaining);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the thread, and waits for it. */
    void close() {
        signal(() -> {
            closed = true;
            refreshed.signalAll();
        });
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true; // the index must not be closed under the thread's feet; tell the caller afterwards
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void signal(Runnable change) {
        lock.lock();
        try {
            change.run();
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try {
            Work next = await();
            while (next != Work.END) {
                carryOut(next);
                next = await();
            }
        } catch (InterruptedException | RuntimeException e) {
            LOG.error("{} ends", thread.getName(), e);
            index.fail(e);
        }
    }

    private void carryOut(Work work) {
        switch (work) {
            case REFRESH -> index.refresh();
            case TIDY -> index.tidy();
            case COMMIT -> {
                if (index.isCommitDue()) {
                    index.commitNow();
                }
            }
            case END -> {}
        }
    }

    private Work await() throws InterruptedException {
        lock.lock();
        try {
            while (!closed) {
                long now = System.nanoTime();
                long untilRefresh = untilRefresh(now);
                long untilCommit = lastCommit + (commitWanted ? commitNanos : STAMP_NANOS) - now;
                if (untilRefresh <= 0) {
                    untidy |= stale;
                    refreshNow = false;
                    rearranged = false;
                    stale = false; // before the refresh: a change during it asks for another
                    lastRefresh = now;
                    return Work.REFRESH;
                }
                if (untilCommit <= 0) {
                    commitWanted = false;
                    lastCommit = now;
                    return Work.COMMIT;
                }
                long untilTidy =
                        untidy && !stale ? Math.max(lastRefresh + REST_NANOS, lastTidy + TIDY_NANOS) - now : NEVER;
                if (untilTidy <= 0) {
                    untidy = false;
                    lastTidy = now;
                    return Work.TIDY;
                }
                work.awaitNanos(Math.min(Math.min(untilRefresh, untilCommit), untilTidy));
            }
            return Work.END;
        } finally {
            lock.unlock();
        }
    }

    private long untilRefresh(long now) {
        if (refreshNow) {
            return lastRefresh + LEAST_NANOS - now;
        }
        return stale || rearranged ? lastRefresh + refreshNanos - now : NEVER;
    }

    private enum Work {
        REFRESH,
        COMMIT,
        TIDY,
        END
    }
}
