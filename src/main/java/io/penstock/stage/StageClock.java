package io.penstock.stage;

import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/** The time as stages see it. Tests drive one by hand. May be used from any thread. */
public interface StageClock {

    /** Nanoseconds since some moment in the past; never negative, never goes back. For deadlines, waits and pacing. */
    long nanoTime();

    /** Milliseconds since the epoch. For what outlives the process. */
    long millis();

    /**
     * Takes the next element, waiting at most the given time for one.
     *
     * @return null when none came
     */
    <T> @Nullable T poll(BlockingQueue<T> queue, long nanos) throws InterruptedException;

    /** The time of this machine. */
    static StageClock system() {
        return new SystemStageClock();
    }
}
