package io.penstock.embedding;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.ToIntFunction;

/**
 * Counts the tokens of a text word by word and remembers those of usual words, for tokenizers that take each word by itself, see
 * {@link TokenizerFile#takesWordsByThemselves}. Most words of a text have been seen before, and cutting a text into chunks counts
 * all of them.
 *
 * <p><b>Threading.</b> May be used from any thread.
 */
final class WordCounts {
    /** Some MB at the very most. When there are so many, all are forgotten; the usual ones are back soon. */
    static final int MOST_WORDS = 16_384;

    /** What is longer is no word that comes again. */
    static final int LONGEST_WORD = 32;

    private final ToIntFunction<String> tokenizer;
    private final int specialTokens;
    private final ConcurrentMap<String, Integer> known = new ConcurrentHashMap<>();

    /** @param tokenizer how many tokens a text has, special ones included */
    WordCounts(ToIntFunction<String> tokenizer) {
        this.tokenizer = tokenizer;
        this.specialTokens = tokenizer.applyAsInt("");
    }

    /** How many tokens, special ones included: as many as the tokenizer counts in the whole. */
    int count(String text) {
        int tokens = specialTokens;
        int length = text.length();
        int start = 0;
        while (start < length) {
            if (isBlank(text.charAt(start))) {
                start++;
                continue;
            }
            int end = start + 1;
            while (end < length && !isBlank(text.charAt(end))) {
                end++;
            }
            tokens += ofWord(text.substring(start, end));
            start = end;
        }
        return tokens;
    }

    /** Some of what tokenizers take for white space; what else there is stays within a word. */
    private static boolean isBlank(char unit) {
        return unit == ' ' || unit == '\n' || unit == '\t' || unit == '\r';
    }

    private int ofWord(String word) {
        if (word.length() > LONGEST_WORD) {
            return counted(word);
        }
        Integer before = known.get(word);
        if (before != null) {
            return before;
        }
        int tokens = counted(word);
        if (known.size() >= MOST_WORDS) {
            known.clear();
        }
        known.put(word, tokens);
        return tokens;
    }

    private int counted(String word) {
        return tokenizer.applyAsInt(word) - specialTokens;
    }

    /** How many words are remembered. */
    int remembered() {
        return known.size();
    }
}
