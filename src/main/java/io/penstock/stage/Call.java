package io.penstock.stage;

import io.penstock.stage.CallExecutor.RunningCall;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One attempt that is made on another thread. The room it takes at its provider and in its stage is given free when the call really
 * ends, even if nobody waits for it any more.
 *
 * <p><b>Threading.</b> {@link #run} runs on the call's thread and ends by handing a completion over; all else is for the
 * StreamThread.
 */
final class Call<K, V, R> implements Runnable {
    private final StageEntry<K, V, R> entry;
    private final AsyncCall<R> body;
    private final Room room;
    private final Completions<K, V, R> completions;
    private final boolean hasEvents;
    private final int attempt;
    private final long deadlineNanos;
    private final ReentrantLock emitting = new ReentrantLock();
    private long events;
    private @Nullable RunningCall running;

    Call(
            StageEntry<K, V, R> entry,
            AsyncCall<R> body,
            Room room,
            Completions<K, V, R> completions,
            boolean hasEvents,
            long deadlineNanos) {
        this.entry = entry;
        this.body = body;
        this.room = room;
        this.completions = completions;
        this.hasEvents = hasEvents;
        this.attempt = entry.failedAttempts + 1;
        this.deadlineNanos = deadlineNanos;
    }

    @Override
    public void run() {
        Signal.Completion<K, V, R> completion;
        try {
            completion = new Signal.Completion<>(this, new Outcome.Succeeded<>(body.call(this::emit)), null);
        } catch (Throwable failure) {
            // Errors too: whatever ends a call must reach its stage, or the record would hang until the deadline.
            completion = new Signal.Completion<>(this, null, failure);
        } finally {
            room.release();
        }
        completions.add(completion);
    }

    private void emit(Object event) throws InterruptedException {
        if (!hasEvents) {
            throw new IllegalStateException("The stage has no event child: see StageOptions.withEventChild.");
        }
        emitting.lockInterruptibly(); // so that they are handed over in the order of their numbers
        try {
            completions.emit(new Signal.Event<>(this, event, events++));
        } finally {
            emitting.unlock();
        }
    }

    void start(CallExecutor executor, String threadName) {
        running = executor.start(threadName, this);
    }

    void interrupt() {
        if (running != null) {
            running.interrupt();
        }
    }

    StageEntry<K, V, R> entry() {
        return entry;
    }

    /** 1 for the first. */
    int attempt() {
        return attempt;
    }

    long deadlineNanos() {
        return deadlineNanos;
    }
}
