package io.penstock.answer;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Cuts a text into sentences: after a full stop, question or exclamation mark that no abbreviation explains, at blank lines,
 * and at the end of lines that were not wrapped (headings, list entries, {@code path: value} lines).
 */
final class SentenceSplitter {
    private static final Set<String> ABBREVIATIONS = Set.of(
            "mr", "mrs", "ms", "dr", "prof", "st", "vs", "no", "jr", "sr", "inc", "ltd", "co", "corp", "e.g", "i.e",
            "c", "ca", "cf", "etc", "fig", "vol", "approx", "gen", "col", "lt", "sen", "rep", "gov", "u.s", "u.k",
            "u.n");
    private static final String CLOSING = "\"')]}\u201d\u2019\u00bb";
    private static final String OPENING = "\"'([{\u201c\u2018\u00ab";

    /** A line this much shorter than the longest one of its text was ended, not wrapped. */
    private static final double WRAPPED_SHARE = 0.7;

    private final String text;
    private final int longestLine;

    private SentenceSplitter(String text) {
        this.text = text;
        this.longestLine = text.lines().mapToInt(String::length).max().orElse(0);
    }

    static List<Sentence> split(String text) {
        return new SentenceSplitter(text).sentences();
    }

    private List<Sentence> sentences() {
        List<Sentence> sentences = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            if (endsAt(i)) {
                int end = i + 1;
                while (end < text.length() && CLOSING.indexOf(text.charAt(end)) >= 0) {
                    end++;
                }
                add(sentences, start, end);
                start = end;
                i = end - 1;
            }
        }
        add(sentences, start, text.length());
        return sentences;
    }

    private boolean endsAt(int i) {
        return switch (text.charAt(i)) {
            case '\n' -> lineEndsAt(i);
            case '\u3002', '\uff01', '\uff1f' -> true;
            case '!', '?' -> sentenceFollows(i);
            case '.' -> sentenceFollows(i) && !isAbbreviation(i);
            default -> false;
        };
    }

    private boolean lineEndsAt(int i) {
        int next = i + 1;
        while (next < text.length() && (text.charAt(next) == ' ' || text.charAt(next) == '\t')) {
            next++;
        }
        if (next >= text.length() || text.charAt(next) == '\n') {
            return true;
        }
        if (next + 1 < text.length()
                && "-*#|\u2022".indexOf(text.charAt(next)) >= 0
                && !Character.isLetterOrDigit(text.charAt(next + 1))) {
            return true;
        }
        int lineStart = text.lastIndexOf('\n', i - 1) + 1;
        return i - lineStart < longestLine * WRAPPED_SHARE;
    }

    /** Whether what comes after the mark may begin a sentence: white space, then no lower-case letter. */
    private boolean sentenceFollows(int mark) {
        int i = mark + 1;
        while (i < text.length() && CLOSING.indexOf(text.charAt(i)) >= 0) {
            i++;
        }
        if (i >= text.length()) {
            return true;
        }
        if (!Character.isWhitespace(text.charAt(i))) {
            return false;
        }
        while (i < text.length() && (Character.isWhitespace(text.charAt(i)) || OPENING.indexOf(text.charAt(i)) >= 0)) {
            i++;
        }
        return i >= text.length() || !Character.isLowerCase(text.charAt(i));
    }

    private boolean isAbbreviation(int dot) {
        int start = dot;
        while (start > 0 && (Character.isLetter(text.charAt(start - 1)) || text.charAt(start - 1) == '.')) {
            start--;
        }
        String word = text.substring(start, dot);
        boolean initial = word.length() == 1 && Character.isUpperCase(word.charAt(0));
        return initial || ABBREVIATIONS.contains(word.toLowerCase(Locale.ROOT));
    }

    private void add(List<Sentence> sentences, int from, int to) {
        int start = from;
        int end = to;
        while (start < end && Character.isWhitespace(text.charAt(start))) {
            start++;
        }
        while (end > start && Character.isWhitespace(text.charAt(end - 1))) {
            end--;
        }
        if (text.substring(start, end).chars().anyMatch(Character::isLetterOrDigit)) {
            sentences.add(new Sentence(text.substring(start, end), start, end));
        }
    }
}
