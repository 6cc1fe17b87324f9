package io.penstock.stage;

import io.penstock.stage.CallExecutor.RunningCall;
import java.time.Duration;
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
    private static final long NOT_BEGUN = -1;

    private final StageEntry<K, V, R> entry;
    private final AsyncCall<R> body;
    private final Room room;
    private final Completions<K, V, R> completions;
    private final boolean hasEvents;
    private final int attempt;
    private final Turn turn;
    private final StageClock clock;
    private final long timeoutNanos;
    private volatile long beganNanos = NOT_BEGUN;
    private volatile long tookNanos;
    private final ReentrantLock emitting = new ReentrantLock();
    private long events;
    private @Nullable RunningCall running;

    Call(
            StageEntry<K, V, R> entry,
            AsyncCall<R> body,
            Room room,
            Completions<K, V, R> completions,
            boolean hasEvents,
            Turn turn,
            StageClock clock,
            Duration timeout) {
        this.entry = entry;
        this.body = body;
        this.room = room;
        this.completions = completions;
        this.hasEvents = hasEvents;
        this.attempt = entry.failedAttempts + 1;
        this.turn = turn;
        this.clock = clock;
        this.timeoutNanos = timeout.toNanos();
        if (turn.isTaken()) {
            beganNanos = clock.nanoTime();
        }
    }

    @Override
    public void run() {
        Signal.Completion<K, V, R> completion;
        try {
            turn.await();
            if (beganNanos == NOT_BEGUN) {
                beganNanos = clock.nanoTime();
            }
            completion = new Signal.Completion<>(this, new Outcome.Succeeded<>(body.call(this::emit)), null);
        } catch (Throwable failure) {
            // Errors too: whatever ends a call must reach its stage, or the record would hang until the deadline.
            completion = new Signal.Completion<>(this, null, failure);
        } finally {
            turn.end();
            room.release();
        }
        tookNanos = clock.nanoTime() - beganNanos;
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

    /** Nobody waits for it any more. */
    void giveUp() {
        interrupt();
        turn.end();
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

    /** {@link Long#MAX_VALUE} while it has not begun. */
    long deadlineNanos() {
        long began = beganNanos;
        return began == NOT_BEGUN ? Long.MAX_VALUE : began + timeoutNanos;
    }

    /** Whether it has begun, and that was less than so long ago. */
    boolean beganWithin(long nanos, long now) {
        long began = beganNanos;
        return began != NOT_BEGUN && now - began < nanos;
    }

    /** From its beginning to its end; for when it has ended. */
    long tookNanos() {
        return tookNanos;
    }
}
