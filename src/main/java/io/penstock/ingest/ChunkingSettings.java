package io.penstock.ingest;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How texts are cut.
 *
 * @param targetTokens tokens of a chunk's own text, at most; a quarter more when that saves a cut, and less than what
 *     the model takes
 * @param overlapTokens whole sentences of up to so many tokens are repeated at the start of the next chunk
 * @param contextTokens tokens of label, title and headings that go before each chunk, at most
 * @param maxCharacters UTF-16 units of a chunk, at most, however few tokens they are
 */
public record ChunkingSettings(int targetTokens, int overlapTokens, int contextTokens, int maxCharacters) {
    static final String TOKENS = "PENSTOCK_CHUNK_TOKENS";
    static final String OVERLAP = "PENSTOCK_CHUNK_OVERLAP";

    private static final int LEAST_TARGET = 8;
    private static final int MOST_TOKENS = 4_000;

    /** @throws PenstockException {@code config.invalid} when the numbers contradict each other */
    public ChunkingSettings {
        if (targetTokens < LEAST_TARGET
                || overlapTokens < 0
                || overlapTokens >= targetTokens
                || contextTokens < 0
                || maxCharacters < targetTokens) {
            throw new PenstockException(
                    ErrorCode.CONFIG_INVALID,
                    "Chunks need at least " + LEAST_TARGET
                            + " tokens, an overlap below that target, and at least as many"
                            + " characters as tokens; got target " + targetTokens + ", overlap " + overlapTokens
                            + ", context "
                            + contextTokens + ", characters " + maxCharacters + ".");
        }
    }

    /**
     * The defaults with what the variables {@value #TOKENS} and {@value #OVERLAP} say.
     *
     * @param variables value of a variable, or null when it is not set
     * @throws PenstockException {@code config.invalid}, naming the variable
     */
    public static ChunkingSettings from(Function<String, @Nullable String> variables) {
        ChunkingSettings standard = defaults();
        int tokens = number(variables, TOKENS, standard.targetTokens, LEAST_TARGET, MOST_TOKENS);
        int overlap = number(variables, OVERLAP, Math.min(standard.overlapTokens, tokens / 5), 0, tokens - 1);
        return standard.withTokens(tokens, overlap);
    }

    private static int number(
            Function<String, @Nullable String> variables, String name, int standard, int least, int most) {
        String text = variables.apply(name);
        if (text == null || text.isBlank()) {
            return standard;
        }
        if (!text.strip().matches("[0-9]{1,6}")
                || Integer.parseInt(text.strip()) < least
                || Integer.parseInt(text.strip()) > most) {
            throw new PenstockException(
                    ErrorCode.CONFIG_INVALID,
                    name + " is a whole number from " + least + " to " + most + ", not '" + text.strip() + "'.");
        }
        return Integer.parseInt(text.strip());
    }

    /** These with another length and overlap. */
    public ChunkingSettings withTokens(int newTargetTokens, int newOverlapTokens) {
        return new ChunkingSettings(
                newTargetTokens, newOverlapTokens, contextTokens, Math.max(maxCharacters, newTargetTokens));
    }

    /** 200 tokens with an overlap of 40, a context of 64 and no more than 4,000 characters. */
    public static ChunkingSettings defaults() {
        return new ChunkingSettings(200, 40, 64, 4_000);
    }
}
