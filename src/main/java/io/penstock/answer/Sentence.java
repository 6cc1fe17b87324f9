package io.penstock.answer;

import java.util.regex.Pattern;

/**
 * A sentence of a longer text.
 *
 * @param text exactly the substring {@code start..end} (UTF-16 units) of that text, without white space around it
 */
record Sentence(String text, int start, int end) {
    private static final Pattern WHITE_SPACE = Pattern.compile("\\s+");

    /** As it is quoted. */
    String onOneLine() {
        return WHITE_SPACE.matcher(text).replaceAll(" ");
    }
}
