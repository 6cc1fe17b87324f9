package io.penstock.chat;

import io.penstock.error.PenstockException;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How much is remembered of conversations.
 *
 * @param maxTurns turns that a conversation keeps
 * @param maxTokens tokens that a conversation keeps, those of quoted passages included, as {@link TokenEstimate} counts them; the last
 *     turn is kept however long it is
 * @param keptFor how long a conversation is kept after its last turn
 * @param maxConversations conversations that one partition keeps: the ones that went on last
 */
public record MemorySettings(int maxTurns, int maxTokens, Duration keptFor, int maxConversations) {
    public static final MemorySettings DEFAULT = new MemorySettings(20, 32_000, Duration.ofDays(30), 10_000);

    private static final String DAYS = "PENSTOCK_CHAT_KEPT_DAYS";
    private static final int MOST_DAYS = 3_650;
    private static final String CONVERSATIONS = "PENSTOCK_CHAT_CONVERSATIONS";
    private static final int MOST_CONVERSATIONS = 1_000_000;

    /**
     * From variables of the environment.
     *
     * @throws PenstockException {@code config.invalid} naming the variable
     */
    public static MemorySettings from(Function<String, @Nullable String> variables) {
        Variables numbers = new Variables(variables);
        return new MemorySettings(
                DEFAULT.maxTurns,
                DEFAULT.maxTokens,
                Duration.ofDays(numbers.number(DAYS, MOST_DAYS, (int) DEFAULT.keptFor.toDays())),
                numbers.number(CONVERSATIONS, MOST_CONVERSATIONS, DEFAULT.maxConversations));
    }
}
