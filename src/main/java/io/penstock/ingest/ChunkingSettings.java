package io.penstock.ingest;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;

/**
 * How texts are cut.
 *
 * @param targetTokens tokens of a chunk's own text, at most; a short rest at the end of a text may add a quarter
 * @param overlapTokens whole sentences of up to so many tokens are repeated at the start of the next chunk
 * @param contextTokens tokens of label and title that go before each chunk, at most
 * @param maxCharacters UTF-16 units of a chunk, at most, however few tokens they are
 */
public record ChunkingSettings(int targetTokens, int overlapTokens, int contextTokens, int maxCharacters) {
    private static final int LEAST_TARGET = 8;

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

    /** 200 tokens with an overlap of 40, a context of 64 and no more than 4,000 characters. */
    public static ChunkingSettings defaults() {
        return new ChunkingSettings(200, 40, 64, 4_000);
    }
}
