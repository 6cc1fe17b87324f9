package io.penstock.answer;

import java.util.Locale;
import java.util.regex.Pattern;

/** What kind of words answer a question, judged by its question words. */
enum AnswerType {
    NUMBER(
            "\\bhow (many|much|long|old|far|often|large|tall|high|big|fast|deep|wide)\\b"
                    + "|\\b(what|which) (percent|percentage|number|amount|share|rate|target range|range|price)\\b"
                    + "|\\bwhat (was|is|were|are) the (number|population|percentage|amount|rate|range|price)\\b",
            "\\d|\\b(?i:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|hundred|thousand|million|billion"
                    + "|half|twice|dozen)\\b"),
    TIME(
            "\\bwhen\\b|\\b(what|which) (year|date|month|day|century|decade|time)\\b",
            "\\b\\d{4}\\b|\\b\\d{1,2}:\\d{2}\\b|\\b(January|February|March|April|May|June|July|August|September|October"
                    + "|November|December|century|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\\b"),
    PERSON("\\b(who|whom|whose)\\b", "(?<=[a-z,;:)] )\\p{Lu}\\p{L}+|^\\p{Lu}\\p{L}+ \\p{Lu}\\p{L}+"),
    PLACE(
            "\\bwhere\\b|\\b(what|which) (city|country|state|place|region|town|river|continent)\\b",
            "(?<=[a-z,;:)] )\\p{Lu}\\p{L}+|\\b(?:in|at|on|under|inside|beside) the \\p{L}+"),
    ANY(".", "(?!)");

    private final Pattern asked;
    private final Pattern answered;

    AnswerType(String asked, String answered) {
        this.asked = Pattern.compile(asked);
        this.answered = Pattern.compile(answered);
    }

    static AnswerType of(String question) {
        String lower = question.toLowerCase(Locale.ROOT);
        for (AnswerType type : values()) {
            if (type.asked.matcher(lower).find()) {
                return type;
            }
        }
        return ANY;
    }

    /** Whether the sentence holds words of this kind. */
    boolean isIn(String sentence) {
        return answered.matcher(sentence).find();
    }
}
