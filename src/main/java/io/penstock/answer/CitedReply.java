package io.penstock.answer;

import io.penstock.schema.Citation;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a language model wrote, its marks such as {@code [2]} or {@code [1, 3]} resolved to citations. Numbers are those of the
 * passages as the model was given them, since whoever reads along has been told them before the text.
 */
record CitedReply(String text, boolean answered, List<Citation> citations) {
    /** What the model is told to write, and nothing else, when the passages do not hold the answer. */
    static final String SENTINEL = "NOT_KNOWN";

    /** Follows what a model wrote that reached its limit of tokens, so that nobody takes it for the whole. */
    static final String CUT = " [\u2026]";

    static final CitedReply NOT_KNOWN = new CitedReply(ExtractiveAnswerer.NOTHING_KNOWN, false, List.of());

    /** Of any script: Java's own classes know no letters but those of ASCII. */
    private static final String WORD = "\\p{L}\\p{M}\\p{N}_";

    private static final Pattern SENTINEL_FIRST =
            Pattern.compile("^[^" + WORD + "]*" + SENTINEL + "(?![" + WORD + "])");
    private static final Pattern NO_WORD_FIRST = Pattern.compile("^[^" + WORD + "]+");
    private static final Pattern MARK = Pattern.compile("\\s?\\[(\\d{1,3}(?:\\s*[,;]\\s*\\d{1,3})*)]");

    /** Citations are in the order of their numbers, and marks are written alike; marks of no passage are taken out. */
    static CitedReply parse(String written, List<Passage> passages) {
        if (SENTINEL_FIRST.matcher(written).find()) {
            return NOT_KNOWN;
        }
        SortedMap<Integer, Citation> citations = new TreeMap<>();
        String text = resolve(
                written,
                passages,
                n -> citations.computeIfAbsent(n, known -> Citations.of(known, passages.get(known - 1))));
        return new CitedReply(text.strip(), true, List.copyOf(citations.values()));
    }

    /**
     * The text with its marks written alike.
     *
     * @param text must not begin or end in the middle of a mark
     * @param onCited told the number of each passage that it cites
     */
    static String resolve(String text, List<Passage> passages, IntConsumer onCited) {
        return MARK.matcher(text)
                .replaceAll(match -> Matcher.quoteReplacement(marks(match.group(1), passages.size(), onCited)));
    }

    /** Whether the beginning of what a model writes is that of {@link #SENTINEL}, or may become it. */
    static boolean mayDecline(CharSequence beginning) {
        return SENTINEL.startsWith(NO_WORD_FIRST.matcher(beginning).replaceFirst(""))
                || SENTINEL_FIRST.matcher(beginning).find();
    }

    /** The same, if the model was cut off in it. */
    CitedReply cut() {
        return answered ? new CitedReply(text + CUT, true, citations) : this;
    }

    private static String marks(String numbers, int passages, IntConsumer onCited) {
        List<String> marks = new ArrayList<>();
        for (String number : numbers.split("\\s*[,;]\\s*", -1)) {
            int n = Integer.parseInt(number.strip());
            if (n >= 1 && n <= passages) {
                onCited.accept(n);
                marks.add("[" + n + "]");
            }
        }
        return marks.isEmpty() ? "" : " " + String.join("", marks);
    }
}
