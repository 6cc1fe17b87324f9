package io.penstock.chat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** The time for parts of replies. Tests drive one by hand. May be used from any thread. */
interface PartTimer {
    /** Nanoseconds since some moment in the past; never goes back. */
    long nanoTime();

    /** Runs a task after a time, on a thread of its own, which it may block. */
    void after(long nanos, Runnable task);

    /** The time of this machine. */
    static PartTimer system() {
        Executor threads = Thread::startVirtualThread;
        return new PartTimer() {
            @Override
            public long nanoTime() {
                return System.nanoTime();
            }

            @Override
            public void after(long nanos, Runnable task) {
                CompletableFuture.delayedExecutor(nanos, TimeUnit.NANOSECONDS, threads)
                        .execute(task);
            }
        };
    }
}
