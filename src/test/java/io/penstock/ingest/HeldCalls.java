package io.penstock.ingest;

import io.penstock.stage.CallExecutor;
import io.penstock.stage.StageClock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/** Keeps the calls of a stage until a test runs them on its own thread, and its clock. */
final class HeldCalls implements CallExecutor, StageClock {
    private final Deque<Runnable> held = new ArrayDeque<>();
    private long nanos = 1;

    @Override
    public RunningCall start(String threadName, Runnable call) {
        held.add(call);
        return () -> held.remove(call);
    }

    /** Runs what is held; whether there was any. */
    boolean run() {
        boolean any = !held.isEmpty();
        while (!held.isEmpty()) {
            held.remove().run();
        }
        return any;
    }

    int count() {
        return held.size();
    }

    void advance(Duration time) {
        nanos += time.toNanos();
    }

    @Override
    public long nanoTime() {
        return nanos;
    }

    @Override
    public long millis() {
        return nanos / 1_000_000;
    }

    @Override
    public <T> @Nullable T poll(BlockingQueue<T> queue, long waitNanos) {
        T element = queue.poll();
        if (element == null) {
            nanos += waitNanos;
        }
        return element;
    }

    @Override
    public void close() {
        held.clear();
    }
}
