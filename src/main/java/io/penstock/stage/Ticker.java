package io.penstock.stage;

import java.time.Duration;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.jspecify.annotations.Nullable;

/**
 * The wall-clock tick of a task. There is one only while something is pending: under exactly-once each that fires costs a
 * transaction. For the same reason it grows rarer the longer nothing happens, where a call that ends wakes the StreamThread up: then a
 * result waits for at most a sixteenth of the time in which nothing came.
 *
 * <p><b>Threading.</b> StreamThread only.
 */
final class Ticker {
    private static final int SHARE_OF_THE_WAIT = 16;
    private static final long LONGEST_MILLIS = 256;

    private final ProcessorContext<?, ?> context;
    private final StageClock clock;
    private final long fixedMillis;
    private final boolean wakeable;
    private final Runnable onTick;
    private @Nullable Cancellable punctuator;
    private long everyMillis;
    private long lastActivity;

    /**
     * @param fixed how often, where the StreamThread is not woken up
     * @param wakeable whether it is
     */
    Ticker(ProcessorContext<?, ?> context, StageClock clock, Duration fixed, boolean wakeable, Runnable onTick) {
        this.context = context;
        this.clock = clock;
        this.fixedMillis = fixed.toMillis();
        this.wakeable = wakeable;
        this.onTick = onTick;
        this.lastActivity = clock.nanoTime();
    }

    /** Something came in or back. */
    void activity() {
        lastActivity = clock.nanoTime();
    }

    /**
     * @param waitsForRoom whether a record waits for room that others may give free, of which nobody tells
     * @param nextDue when there is something to do even if nothing comes back, by the stage's clock
     */
    void tickWhilePending(boolean waitsForRoom, long nextDue) {
        long millis = interval(waitsForRoom, nextDue);
        if (punctuator == null || millis != everyMillis) {
            stop();
            everyMillis = millis;
            punctuator =
                    context.schedule(Duration.ofMillis(millis), PunctuationType.WALL_CLOCK_TIME, _ -> onTick.run());
        }
    }

    void stop() {
        if (punctuator != null) {
            punctuator.cancel();
            punctuator = null;
        }
    }

    private long interval(boolean waitsForRoom, long nextDue) {
        if (!wakeable) {
            return fixedMillis;
        }
        long now = clock.nanoTime();
        long share = (now - lastActivity) / 1_000_000 / SHARE_OF_THE_WAIT;
        long millis =
                Math.min(Math.min(share, (nextDue - now) / 1_000_000), waitsForRoom ? fixedMillis : LONGEST_MILLIS);
        return Long.highestOneBit(Math.max(1, millis)); // a power of two, so that it seldom changes
    }
}
