package io.penstock.stage;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * The way back from the calls to the StreamThread, for one life of a task. Once closed, whatever comes is counted and thrown
 * away: it never reaches a later life.
 *
 * <p><b>Threading.</b> {@link #add} is for any thread and the only thing another thread ever does with a stage; all else is
 * for the StreamThread.
 */
final class Completions<K, V, R> {
    private final BlockingQueue<Completion<K, V, R>> queue = new LinkedBlockingQueue<>();
    private final StageClock clock;
    private final StageMetrics metrics;
    private volatile boolean closed;

    Completions(StageClock clock, StageMetrics metrics) {
        this.clock = clock;
        this.metrics = metrics;
    }

    void add(Completion<K, V, R> completion) {
        if (closed) {
            metrics.countLate();
        } else {
            queue.add(completion);
        }
    }

    @Nullable
    Completion<K, V, R> poll() {
        return queue.poll();
    }

    @Nullable
    Completion<K, V, R> await(long nanos) throws InterruptedException {
        return clock.poll(queue, nanos);
    }

    void close() {
        closed = true;
        while (queue.poll() != null) {
            metrics.countLate();
        }
    }
}
