package io.penstock.ingest;

import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Finds the sentences of a text. Blank lines, headings and list items end a sentence; other line breaks do not, since texts are
 * often wrapped at a fixed width. Headings are those of Markdown: a line that begins with up to six {@code #}, or one that is
 * underlined with {@code =} or {@code -}; there are none between fences of code.
 */
final class Sentences {
    private static final Set<String> ABBREVIATIONS = Set.of(
            "mr", "mrs", "ms", "dr", "prof", "st", "no", "nos", "vs", "e.g", "i.e", "cf", "fig", "inc", "corp", "co",
            "ltd", "u.s", "u.k", "u.n", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov",
            "dec");

    private static final int MOST_LEVELS = 6;
    private static final int LEAST_UNDERLINE = 3;

    private Sentences() {}

    /** The sentences in order, trimmed, none empty; between them lies nothing but white space. */
    static List<Sentence> of(String text) {
        List<Sentence> sentences = new ArrayList<>();
        int blockStart = -1;
        Opening opening = Opening.PARAGRAPH;
        boolean code = false;
        int lineStart = 0;
        while (lineStart < text.length()) {
            int lineEnd = endOfLine(text, lineStart);
            int next = afterLineBreak(text, lineEnd);
            int first = firstInLine(text, lineStart, lineEnd);
            boolean blank = first == lineEnd;
            boolean fence = isFence(text, first, lineEnd);
            int level = code || blank || fence ? 0 : headingLevel(text, first, lineEnd);
            int underline = code || blank || fence || blockStart >= 0 ? 0 : underlineLevel(text, next);
            boolean marked = !blank && isMarked(text, first, lineEnd);
            if (blockStart >= 0 && (blank || marked || level > 0)) {
                addBlock(sentences, text, blockStart, lineStart, opening);
                opening = blank ? Opening.PARAGRAPH : Opening.SENTENCE;
                blockStart = -1;
            }
            if (blank) {
                opening = Opening.PARAGRAPH;
            } else if (blockStart < 0) {
                blockStart = lineStart;
            }
            if (level > 0) {
                addHeading(sentences, text, blockStart, lineEnd, level);
            } else if (underline > 0) {
                next = afterLineBreak(text, endOfLine(text, next));
                addHeading(sentences, text, blockStart, next, underline);
            } else if (!blank && text.charAt(first) == '#') {
                addBlock(sentences, text, blockStart, lineEnd, opening);
                opening = Opening.SENTENCE;
                blockStart = -1;
            }
            if (level > 0 || underline > 0) {
                opening = Opening.SENTENCE; // not parted from its heading
                blockStart = -1;
            }
            code ^= fence;
            lineStart = next;
        }
        if (blockStart >= 0) {
            addBlock(sentences, text, blockStart, text.length(), opening);
        }
        return sentences;
    }

    private static void addHeading(List<Sentence> sentences, String text, int start, int end, int level) {
        List<Span> span = new ArrayList<>();
        Span.addTrimmed(span, text, start, end);
        span.forEach(heading -> sentences.add(new Sentence(heading, Opening.heading(level))));
    }

    private static void addBlock(List<Sentence> sentences, String text, int start, int end, Opening opening) {
        List<Span> spans = new ArrayList<>();
        String block = text.substring(start, end).replace('\n', ' ').replace('\r', ' ');
        BreakIterator bounds = BreakIterator.getSentenceInstance(Locale.ROOT);
        bounds.setText(block);
        int from = bounds.first();
        for (int to = bounds.next(); to != BreakIterator.DONE; to = bounds.next()) {
            if (to < block.length() && endsWithAbbreviation(block, from, to)) {
                continue;
            }
            Span.addTrimmed(spans, text, start + from, start + to);
            from = to;
        }
        for (int i = 0; i < spans.size(); i++) {
            sentences.add(new Sentence(spans.get(i), i == 0 ? opening : Opening.SENTENCE));
        }
    }

    /** How many {@code #} a heading begins with; 0 when it is none. */
    private static int headingLevel(String text, int first, int end) {
        int level = first;
        while (level < end && level - first <= MOST_LEVELS && text.charAt(level) == '#') {
            level++;
        }
        boolean heading = level > first
                && level - first <= MOST_LEVELS
                && level < end
                && Span.isSpace(text.charAt(level))
                && firstInLine(text, level, end) < end;
        return heading ? level - first : 0;
    }

    /** 1 when the line that begins here is made of three or more {@code =}, 2 when of {@code -}; else 0. */
    private static int underlineLevel(String text, int start) {
        int end = endOfLine(text, start);
        int at = start;
        while (at < end
                && (text.charAt(at) == '=' || text.charAt(at) == '-')
                && text.charAt(at) == text.charAt(start)) {
            at++;
        }
        if (at - start < LEAST_UNDERLINE || firstInLine(text, at, end) < end) {
            return 0;
        }
        return text.charAt(start) == '=' ? 1 : 2;
    }

    private static boolean isFence(String text, int first, int end) {
        return end - first >= 3 && (text.startsWith("```", first) || text.startsWith("~~~", first));
    }

    /** Whether a part ends like "Mr. " or "J. ", where the sentence goes on. */
    private static boolean endsWithAbbreviation(String block, int from, int to) {
        int last = to;
        while (last > from && Span.isSpace(block.charAt(last - 1))) {
            last--;
        }
        if (last == from || block.charAt(last - 1) != '.') {
            return false;
        }
        int word = last - 1;
        while (word > from && (Character.isLetter(block.charAt(word - 1)) || block.charAt(word - 1) == '.')) {
            word--;
        }
        int length = last - 1 - word;
        return (length == 1 && Character.isUpperCase(block.charAt(word)))
                || (length > 1
                        && length <= 4
                        && ABBREVIATIONS.contains(
                                block.substring(word, last - 1).toLowerCase(Locale.ROOT)));
    }

    /** Whether a line begins something of its own: a heading, a list item, a table row. */
    private static boolean isMarked(String text, int first, int end) {
        char mark = text.charAt(first);
        if (mark == '#' || mark == '|' || mark == '\u2022') {
            return true;
        }
        int afterMark = first + 1;
        if (mark >= '0' && mark <= '9') {
            while (afterMark < end && afterMark < first + 3 && Character.isDigit(text.charAt(afterMark))) {
                afterMark++;
            }
            if (afterMark >= end || (text.charAt(afterMark) != '.' && text.charAt(afterMark) != ')')) {
                return false;
            }
            afterMark++;
        } else if (mark != '-' && mark != '*' && mark != '+') {
            return false;
        }
        return afterMark < end && Span.isSpace(text.charAt(afterMark));
    }

    private static int firstInLine(String text, int start, int end) {
        int first = start;
        while (first < end && Span.isSpace(text.charAt(first))) {
            first++;
        }
        return first;
    }

    private static int endOfLine(String text, int start) {
        int end = start;
        while (end < text.length() && !isLineBreak(text.charAt(end))) {
            end++;
        }
        return end;
    }

    private static int afterLineBreak(String text, int end) {
        if (end >= text.length()) {
            return end;
        }
        boolean windows = text.charAt(end) == '\r' && end + 1 < text.length() && text.charAt(end + 1) == '\n';
        return end + (windows ? 2 : 1);
    }

    private static boolean isLineBreak(char unit) {
        return unit == '\n' || unit == '\r' || unit == '\u2028' || unit == '\u2029';
    }
}
