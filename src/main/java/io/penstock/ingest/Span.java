package io.penstock.ingest;

import java.util.List;

/** Part of a text, from its first UTF-16 unit to one past its last. */
record Span(int start, int end) {
    int length() {
        return end - start;
    }

    /** Adds the part without the white space around it, unless nothing is left. */
    static void addTrimmed(List<Span> spans, String text, int start, int end) {
        int first = start;
        int last = end;
        while (first < last && isSpace(text.charAt(first))) {
            first++;
        }
        while (first < last && isSpace(text.charAt(last - 1))) {
            last--;
        }
        if (first < last) {
            spans.add(new Span(first, last));
        }
    }

    /** White space of any kind, no-break spaces included. All of it lies in the basic plane. */
    static boolean isSpace(char unit) {
        return Character.isWhitespace(unit) || Character.isSpaceChar(unit);
    }
}
