package io.penstock.chat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How promptly {@code chat.reply} must be read. A whole reply that was written here has been handed over before it is read, and to read
 * each one at once takes cores from the questions that follow; so while nothing else comes, replies may gather for a moment.
 *
 * <p>Threading: may be called from any thread.
 */
final class ReadingPace {
    /** A reply that nobody has handed over may lie there for two of these: the first ends with what the fetch before it found. */
    static final Duration PAUSE = Duration.ofMillis(5);

    private static final int ALL = 1 << 16;
    /** Of this many replies the last ones count most. */
    private static final int MEMORY = 32;

    private final AtomicInteger streams = new AtomicInteger();
    /** How many of the last replies came by being read, of {@link #ALL}. */
    private final AtomicInteger read = new AtomicInteger(ALL);

    /** A reply was read that somebody waited for; it was written elsewhere, or its acknowledgement is only about to come. */
    void read() {
        read.updateAndGet(share -> share + (ALL - share) / MEMORY);
    }

    /** A reply was handed over before it was read. */
    void handedOver() {
        read.updateAndGet(share -> share - share / MEMORY);
    }

    void streamBegins() {
        streams.incrementAndGet();
    }

    void streamEnds() {
        streams.decrementAndGet();
    }

    /** Whether each record is to be read at once. */
    boolean isPrompt() {
        return streams.get() > 0 || read.get() > ALL / 4;
    }
}
