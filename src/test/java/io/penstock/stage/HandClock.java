package io.penstock.stage;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/** Time that passes when told to, or when somebody waits in vain. */
final class HandClock implements StageClock {
    static final long START_MILLIS = 1_700_000_000_000L;
    private long nanos;

    void advance(Duration time) {
        nanos += time.toNanos();
    }

    @Override
    public long nanoTime() {
        return nanos;
    }

    @Override
    public long millis() {
        return START_MILLIS + nanos / 1_000_000;
    }

    @Override
    public <T> @Nullable T poll(BlockingQueue<T> queue, long waitNanos) {
        T element = queue.poll();
        if (element == null) {
            nanos += waitNanos;
        }
        return element;
    }
}
