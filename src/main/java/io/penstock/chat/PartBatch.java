package io.penstock.chat;

import java.time.Duration;

/**
 * Gathers text until it is worth a record: the first of it at once, what follows at intervals that grow, or when there is much. So the
 * first words come without delay, and a long reply makes a few hundred records instead of one for each word.
 *
 * <p><b>Threading.</b> One thread at a time. Time is passed in, in nanoseconds of any clock that does not go back.
 */
final class PartBatch {
    static final Duration SHORTEST = Duration.ofMillis(50);
    static final Duration LONGEST = Duration.ofMillis(250);
    /** UTF-16 units that are passed on without waiting. */
    static final int MUCH = 4_000;

    private final StringBuilder text = new StringBuilder();
    private int start;
    private long intervalNanos;
    private long nextNanos;

    /**
     * A piece of the reply.
     *
     * @param start where it begins in the reply, in UTF-16 units
     */
    record Piece(int start, String text) {}

    void add(String more) {
        text.append(more);
    }

    /** Whether what was gathered should be passed on now. */
    boolean isDue(long now) {
        return whole() > 0 && (intervalNanos == 0 || text.length() >= MUCH || now - nextNanos >= 0);
    }

    /** How long to wait until it should; negative when there is nothing to wait for. */
    long waitNanos(long now) {
        return whole() == 0 ? -1 : Math.max(0, nextNanos - now);
    }

    /** What was gathered, to be passed on now. */
    Piece take(long now) {
        int end = whole();
        Piece piece = new Piece(start, text.substring(0, end));
        text.delete(0, end);
        start += end;
        intervalNanos = intervalNanos == 0 ? SHORTEST.toNanos() : Math.min(2 * intervalNanos, LONGEST.toNanos());
        nextNanos = now + intervalNanos;
        return piece;
    }

    /** How much of the text can be passed on: half of a surrogate pair would not survive. */
    private int whole() {
        int length = text.length();
        return length > 0 && Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length;
    }
}
