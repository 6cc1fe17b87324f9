package io.penstock.vector;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that refreshes and commits one index. It sleeps while nothing changes.
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
                if (next == Work.REFRESH) {
                    index.refresh();
                } else if (index.isCommitDue()) {
                    index.commitNow();
                }
                next = await();
            }
        } catch (InterruptedException | RuntimeException e) {
            LOG.error("{} ends", thread.getName(), e);
            index.fail(e);
        }
    }

    private Work await() throws InterruptedException {
        lock.lock();
        try {
            while (!closed) {
                long now = System.nanoTime();
                long untilRefresh =
                        refreshNow ? lastRefresh + LEAST_NANOS - now : stale ? lastRefresh + refreshNanos - now : NEVER;
                long untilCommit = lastCommit + (commitWanted ? commitNanos : STAMP_NANOS) - now;
                if (untilRefresh <= 0) {
                    refreshNow = false;
                    stale = false; // before the refresh: a change during it asks for another
                    lastRefresh = now;
                    return Work.REFRESH;
                }
                if (untilCommit <= 0) {
                    commitWanted = false;
                    lastCommit = now;
                    return Work.COMMIT;
                }
                work.awaitNanos(Math.min(untilRefresh, untilCommit));
            }
            return Work.END;
        } finally {
            lock.unlock();
        }
    }

    private enum Work {
        REFRESH,
        COMMIT,
        END
    }
}
