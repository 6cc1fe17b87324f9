package io.penstock.stage;

import io.penstock.stage.CallExecutor.RunningCall;
import org.jspecify.annotations.Nullable;

/**
 * One attempt that is made on another thread. The provider's room is given free when the call really ends, even if nobody
 * waits for it any more.
 *
 * <p><b>Threading.</b> {@link #run} runs on the call's thread and ends by handing a {@link Completion} over; all else is for
 * the StreamThread.
 */
final class Call<K, V, R> implements Runnable {
    private final StageEntry<K, V, R> entry;
    private final AsyncCall<R> body;
    private final ProviderLimiter limiter;
    private final Completions<K, V, R> completions;
    private final long deadlineNanos;
    private @Nullable RunningCall running;

    Call(
            StageEntry<K, V, R> entry,
            AsyncCall<R> body,
            ProviderLimiter limiter,
            Completions<K, V, R> completions,
            long deadlineNanos) {
        this.entry = entry;
        this.body = body;
        this.limiter = limiter;
        this.completions = completions;
        this.deadlineNanos = deadlineNanos;
    }

    @Override
    public void run() {
        Completion<K, V, R> completion;
        try {
            completion = new Completion<>(this, new Outcome.Succeeded<>(body.call()), null);
        } catch (Throwable failure) {
            // Errors too: whatever ends a call must reach its stage, or the record would hang until the deadline.
            completion = new Completion<>(this, null, failure);
        } finally {
            limiter.release();
        }
        completions.add(completion);
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

    long deadlineNanos() {
        return deadlineNanos;
    }
}
