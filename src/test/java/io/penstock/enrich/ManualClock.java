package io.penstock.enrich;

import io.penstock.stage.StageClock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/** Time that passes when told to. */
final class ManualClock implements StageClock, InstantSource {
    private Instant now = Instant.parse("2026-11-20T12:00:00Z");
    private long nanos;

    void advance(Duration time) {
        now = now.plus(time);
        nanos += time.toNanos();
    }

    @Override
    public Instant instant() {
        return now;
    }

    @Override
    public long nanoTime() {
        return nanos;
    }

    @Override
    public long millis() {
        return now.toEpochMilli();
    }

    @Override
    public <T> @Nullable T poll(BlockingQueue<T> queue, long wait) {
        T element = queue.poll();
        if (element == null) {
            advance(Duration.ofNanos(wait));
        }
        return element;
    }
}
