package io.penstock.stage;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * The way back from the calls to the StreamThread, for one life of a task. Once closed, whatever comes is counted and thrown
 * away: it never reaches a later life.
 *
 * <p><b>Threading.</b> {@link #add}, {@link #emit} and {@link #isEmpty} are for any thread and the only things another thread ever does
 * with a stage; all else is for the StreamThread.
 */
final class Completions<K, V, R> {
    /** Events on their way, beyond which whoever emits one waits. */
    private static final int EVENTS = 1024;

    private final BlockingQueue<Signal<K, V, R>> queue = new LinkedBlockingQueue<>();
    private final Semaphore eventRoom = new Semaphore(EVENTS);
    private final StageClock clock;
    private final StageMetrics metrics;
    private final Runnable wake;
    private volatile boolean closed;

    /** @param wake called after each addition; makes the StreamThread look, if it can be made to */
    Completions(StageClock clock, StageMetrics metrics, Runnable wake) {
        this.clock = clock;
        this.metrics = metrics;
        this.wake = wake;
    }

    void add(Signal.Completion<K, V, R> completion) {
        put(completion);
    }

    void emit(Signal.Event<K, V, R> event) throws InterruptedException {
        if (!closed) {
            eventRoom.acquire();
            put(event);
        }
    }

    private void put(Signal<K, V, R> signal) {
        queue.add(signal);
        if (!closed) {
            wake.run();
        } else if (queue.remove(signal)) {
            discarded(signal); // closed before or in between, and not seen there
        }
    }

    private void discarded(Signal<K, V, R> signal) {
        switch (signal) {
            case Signal.Completion<K, V, R> _ -> metrics.countLate();
            case Signal.Event<K, V, R> _ -> eventRoom.release();
        }
    }

    /** Whether nothing waits to be polled. */
    boolean isEmpty() {
        return queue.isEmpty();
    }

    @Nullable
    Signal<K, V, R> poll() {
        return taken(queue.poll());
    }

    @Nullable
    Signal<K, V, R> await(long nanos) throws InterruptedException {
        return taken(clock.poll(queue, nanos));
    }

    private @Nullable Signal<K, V, R> taken(@Nullable Signal<K, V, R> signal) {
        if (signal instanceof Signal.Event<K, V, R>) {
            eventRoom.release();
        }
        return signal;
    }

    void close() {
        closed = true;
        for (Signal<K, V, R> signal = queue.poll(); signal != null; signal = queue.poll()) {
            discarded(signal);
        }
    }
}
