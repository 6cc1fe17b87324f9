package io.penstock.chat;

import java.time.Duration;

/**
 * How questions are answered.
 *
 * @param partitions of {@code chat.request}
 * @param maxInFlight answers being made at once in one task
 * @param callTimeout deadline of one attempt to answer
 * @param passages passages retrieved when the request names no number
 * @param maxPassages the most a request may ask for
 * @param memory what is remembered of conversations
 * @param historyTokens tokens of earlier turns that an answerer is told, whether they are remembered or come with the question
 */
public record ChatSettings(
        int partitions,
        int maxInFlight,
        Duration callTimeout,
        int passages,
        int maxPassages,
        MemorySettings memory,
        int historyTokens) {
    private static final Duration USUAL_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration USUAL_PATIENCE = Duration.ofMinutes(2);
    private static final Duration FOR_THE_REST = Duration.ofSeconds(30);

    /** The defaults. */
    public static ChatSettings of(int partitions, MemorySettings memory) {
        return new ChatSettings(partitions, 32, USUAL_TIMEOUT, 8, 50, memory, 2_000);
    }

    /** With more time for an attempt, if it has less. */
    public ChatSettings withCallTimeoutOfAtLeast(Duration value) {
        return new ChatSettings(
                partitions,
                maxInFlight,
                value.compareTo(callTimeout) > 0 ? value : callTimeout,
                passages,
                maxPassages,
                memory,
                historyTokens);
    }

    /** How long whoever asked waits for the reply, from when the question was asked: long enough for a whole attempt. */
    public Duration patience() {
        Duration needed = callTimeout.plus(FOR_THE_REST);
        return needed.compareTo(USUAL_PATIENCE) > 0 ? needed : USUAL_PATIENCE;
    }
}
