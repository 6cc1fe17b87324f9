package io.penstock.document;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * Lays out the text of a page as it would be read: paragraphs apart, items and rows on lines of their own, headings marked as
 * Markdown does, so that chunks know what they stand under. Elements have the names of HTML, in lower case. For one thread.
 */
public final class TextLayout {
    private static final Set<String> PARAGRAPHS = Set.of(
            "p",
            "div",
            "section",
            "article",
            "main",
            "header",
            "footer",
            "aside",
            "blockquote",
            "pre",
            "table",
            "ul",
            "ol",
            "dl",
            "figure",
            "figcaption",
            "address",
            "form",
            "fieldset",
            "details",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "hr");
    private static final Set<String> HEADINGS = Set.of("h1", "h2", "h3", "h4", "h5", "h6");
    private static final Set<String> LINES = Set.of("li", "tr", "dt", "dd", "br", "option", "summary", "caption");
    private static final Set<String> CELLS = Set.of("td", "th");
    private static final Pattern WHITE_SPACE = Pattern.compile("[\\s\\u00a0]+");

    private final StringBuilder text = new StringBuilder();
    private int preformatted;

    /** Of the heading whose words have not come yet; else 0. */
    private int headingLevel;

    /** An element begins. */
    public void open(String name) {
        if (PARAGRAPHS.contains(name)) {
            breakLines(2);
        } else if (LINES.contains(name)) {
            breakLines(1);
        } else if (CELLS.contains(name)) {
            append(" ");
        }
        headingLevel = HEADINGS.contains(name) ? name.charAt(1) - '0' : headingLevel;
        preformatted += name.equals("pre") ? 1 : 0;
    }

    /** An element ends. */
    public void close(String name) {
        preformatted -= name.equals("pre") ? 1 : 0;
        headingLevel = HEADINGS.contains(name) ? 0 : headingLevel;
        if (PARAGRAPHS.contains(name)) {
            breakLines(2);
        } else if (LINES.contains(name) && !name.equals("br")) {
            breakLines(1);
        }
    }

    /** Text of the element that was opened last; white space in it is of no account. */
    public void append(String raw) {
        if (preformatted > 0) {
            text.append(raw);
            return;
        }
        String words = WHITE_SPACE.matcher(raw).replaceAll(" ");
        if (headingLevel > 0 && !words.isBlank()) {
            text.repeat("#", headingLevel).append(' ');
            headingLevel = 0;
        }
        boolean afterSpace = text.isEmpty() || Character.isWhitespace(text.charAt(text.length() - 1));
        text.append(afterSpace && words.startsWith(" ") ? words.substring(1) : words);
    }

    /** How long the text is by now, in UTF-16 units. */
    public int length() {
        return text.length();
    }

    /** All of it. */
    public String text() {
        return text.toString();
    }

    private void breakLines(int wanted) {
        int end = text.length();
        int breaks = 0;
        while (end > 0 && Character.isWhitespace(text.charAt(end - 1))) {
            end--;
            breaks += text.charAt(end) == '\n' ? 1 : 0;
        }
        text.setLength(end);
        if (end > 0) {
            text.repeat("\n", Math.max(wanted, Math.min(2, breaks)));
        }
    }
}
