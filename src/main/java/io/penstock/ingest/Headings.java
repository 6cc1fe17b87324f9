package io.penstock.ingest;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.regex.Pattern;

/** Says under which headings each part of a text stands. Used once, by one thread. */
final class Headings {
    private static final String BETWEEN = " > ";
    private static final Pattern WHITE_SPACE = Pattern.compile("\\s+");
    private static final Pattern MARKS = Pattern.compile("^#{1,6}\\s|\\s#+$|\\s(=+|-+)$");

    private final String text;
    private final List<String> said;
    private final int mostTokens;
    private final ToIntFunction<String> tokens;
    private final Deque<Heading> path = new ArrayDeque<>();
    private final Map<String, Boolean> fitting = new HashMap<>();

    /**
     * @param said what the context says anyway; a heading that repeats it is left out
     * @param mostTokens of all headings over a part
     */
    Headings(String text, List<String> said, int mostTokens, ToIntFunction<String> tokens) {
        this.text = text;
        this.said = said.stream().map(Headings::words).toList();
        this.mostTokens = mostTokens;
        this.tokens = tokens;
    }

    private record Heading(int level, String words) {}

    boolean mayOccur(List<Sentence> sentences) {
        return mostTokens > 0
                && sentences.stream().anyMatch(sentence -> sentence.opening().isHeading());
    }

    /** The headings over each unit, the highest first. When they are too long, the highest are left out. */
    List<String> overEach(List<Unit> units) {
        List<String> over = new ArrayList<>(units.size());
        for (Unit unit : units) {
            over.add(over(unit));
            enter(unit);
        }
        return over;
    }

    private String over(Unit unit) {
        int level = unit.opening().level();
        List<String> lines = new ArrayList<>();
        for (Iterator<Heading> highestFirst = path.descendingIterator(); highestFirst.hasNext(); ) {
            Heading heading = highestFirst.next();
            if ((level == 0 || heading.level() < level) && !said.contains(heading.words())) {
                lines.add(heading.words());
            }
        }
        while (!lines.isEmpty()) {
            String joined = String.join(BETWEEN, lines);
            if (fitting.computeIfAbsent(joined, it -> tokens.applyAsInt(it) <= mostTokens)) {
                return joined;
            }
            lines.removeFirst();
        }
        return "";
    }

    private void enter(Unit unit) {
        int level = unit.opening().level();
        if (level > 0) {
            while (!path.isEmpty() && path.peek().level() >= level) {
                path.pop();
            }
            String words = words(text.substring(unit.start(), unit.end()));
            if (!words.isEmpty()) {
                path.push(new Heading(level, words));
            }
        }
    }

    private static String words(String heading) {
        return WHITE_SPACE
                .matcher(MARKS.matcher(heading.strip()).replaceAll(""))
                .replaceAll(" ")
                .strip();
    }
}
