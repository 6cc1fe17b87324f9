package io.penstock.bench;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Finds expected answers in texts, word by word; case, punctuation and white space make no difference. */
final class GoldAnswers {
    private static final Pattern BETWEEN_WORDS = Pattern.compile("[^\\p{L}\\p{N}]+");

    private GoldAnswers() {}

    /** Whether the text holds one of the answers, as whole words. */
    static boolean areIn(String text, List<String> answers) {
        String words = words(text);
        return answers.stream().anyMatch(answer -> words.contains(words(answer)));
    }

    /** A quote of a reply without the number of its citation, which is no part of it. */
    static String withoutNumber(String quote) {
        return quote.substring(0, quote.lastIndexOf('\u201d') + 1);
    }

    private static String words(String text) {
        return " "
                + BETWEEN_WORDS
                        .matcher(text.toLowerCase(Locale.ROOT))
                        .replaceAll(" ")
                        .strip() + " ";
    }
}
