package io.penstock.chat;

import java.time.Duration;

/**
 * How questions are answered.
 *
 * @param maxInFlight answers being made at once in one task
 * @param callTimeout deadline of one attempt to answer
 * @param passages passages retrieved when the request names no number
 * @param maxPassages the most a request may ask for
 * @param maxTurns turns that a conversation keeps
 * @param maxTokens tokens that a conversation keeps, those of quoted passages included, as {@link TokenEstimate} counts them; the last
 *     turn is kept however long it is
 * @param historyTokens tokens of earlier turns that an answerer is told, whether they are remembered or come with the question
 */
public record ChatSettings(
        int maxInFlight,
        Duration callTimeout,
        int passages,
        int maxPassages,
        int maxTurns,
        int maxTokens,
        int historyTokens) {
    public static final ChatSettings DEFAULT = new ChatSettings(32, Duration.ofSeconds(60), 8, 50, 20, 32_000, 2_000);

    private static final Duration USUAL_PATIENCE = Duration.ofMinutes(2);
    private static final Duration FOR_THE_REST = Duration.ofSeconds(30);

    public ChatSettings withCallTimeout(Duration value) {
        return new ChatSettings(maxInFlight, value, passages, maxPassages, maxTurns, maxTokens, historyTokens);
    }

    /** How long whoever asked waits for the reply, from when the question was asked: long enough for a whole attempt. */
    public Duration patience() {
        Duration needed = callTimeout.plus(FOR_THE_REST);
        return needed.compareTo(USUAL_PATIENCE) > 0 ? needed : USUAL_PATIENCE;
    }
}
