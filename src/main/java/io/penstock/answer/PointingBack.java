package io.penstock.answer;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells questions that point back to what was asked before from those that can be understood alone, by their English words: they
 * begin as a continuation does, hold a demonstrative, hold a pronoun that no name before it explains, or say nothing of what they
 * are about.
 */
final class PointingBack {
    private static final Pattern CONTINUES =
            matching("^\\W*(and|but|or|also|so|then|(what|who|where) else|(what|how) about)\\b");

    private static final Pattern DEMONSTRATIVE = matching("(?<!\\b(is|are|was|were|be) )\\bthere\\W*$"
            + "|\\b(that|this|these|those|then|before|afterwards|earlier|later|since|else|instead|too)\\W*$"
            + "|\\b(this|these|those)\\b(?! is\\b)(?!( \\w+)? (who|that|which)\\b)"
            + "|\\b(in|on|at|of|by|for|from|with|after|before|since|during|until|about) that\\b"
            + "|\\bthat \\w+\\W*$"
            + "|\\bthe (former|latter)\\W*$"
            + "|\\bthe same (one|year|time|day|month|place|thing|way)\\b(?! as\\b)"
            + "|\\bthe (\\w+ )?ones?\\W*$");

    private static final Pattern PRONOUN = matching("\\b(he|she|they|him|her|them|his|hers|their|theirs|it|its)\\b");

    /** Where "it" stands for nothing: "How long does it take to", "What is it called when". */
    private static final Pattern EMPTY_IT = matching(
            "\\bit (takes?|took|means?)\\b|\\b(is|was|be) it (called|known|common|possible|necessary|true)\\b");

    /** A capital anywhere but at the beginning, where every word has one. */
    private static final Pattern NAME = Pattern.compile("(?<=[^\\s?!.] )[\"'\u201c\u2018(]*\\p{Lu}");

    /** "What is photosynthesis?" and "How many kinds of gulls are there?" have one word of their own, and are whole. */
    private static final Pattern WHOLE = matching("^\\W*(what|who|where|when|which)( is| are| was| were|['\u2019]s)\\b"
            + "|\\bmeans?\\W*$|\\b(is|are|was|were) there\\W*$");

    private static final Terms TERMS = new Terms();

    /** What asks for something, or dates it, without saying of what. */
    private static final Set<String> GENERAL =
            TERMS.of("year month day date time century place name number kind type sort"
                    + " part way reason example person people country city long old large big tall far often high happen decide mean"
                    + " explain detail say exactly now next last first second january february march april may june july august"
                    + " september october november december");

    private static final Pattern NUMBER = Pattern.compile("\\d.*");

    private PointingBack() {}

    /** Whether the question cannot be understood alone. */
    static boolean isIn(String question) {
        return CONTINUES.matcher(question).find()
                || DEMONSTRATIVE.matcher(question).find()
                || hasUnexplainedPronoun(question)
                || saysNothingOfItsOwn(question);
    }

    private static boolean hasUnexplainedPronoun(String question) {
        String words = EMPTY_IT.matcher(question)
                .replaceAll(empty -> " ".repeat(empty.group().length()));
        Matcher pronoun = PRONOUN.matcher(words);
        if (!pronoun.find()) {
            return false;
        }
        Matcher name = NAME.matcher(question);
        return !name.find() || name.start() > pronoun.start();
    }

    /** Whether a term asks for something, or dates it, without saying of what. */
    static boolean isGeneral(String term) {
        return GENERAL.contains(term) || NUMBER.matcher(term).matches();
    }

    private static boolean saysNothingOfItsOwn(String question) {
        long own = TERMS.of(question).stream().filter(term -> !isGeneral(term)).count();
        return own == 0 || (own == 1 && !WHOLE.matcher(question).find());
    }

    private static Pattern matching(String words) {
        return Pattern.compile(
                words, Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE | Pattern.UNICODE_CHARACTER_CLASS);
    }
}
