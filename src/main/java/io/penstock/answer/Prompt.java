package io.penstock.answer;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A prompt template. What is filled in is not looked at for place holders again.
 *
 * @param source where it comes from, for messages
 * @param text with place holders such as {@code {{question}}}
 */
record Prompt(String source, String text) {
    private static final Pattern PLACE_HOLDER = Pattern.compile("\\{\\{([^{}]*)}}");

    /** The names between the braces, as they are written. */
    Set<String> placeHolders() {
        Set<String> names = new LinkedHashSet<>();
        Matcher matcher = PLACE_HOLDER.matcher(text);
        while (matcher.find()) {
            names.add(matcher.group(1));
        }
        return names;
    }

    /** @param values one for each of {@link #placeHolders} */
    String fill(Map<String, String> values) {
        return PLACE_HOLDER.matcher(text).replaceAll(match -> {
            String value = values.get(match.group(1));
            if (value == null) {
                throw new IllegalStateException(source + " has a place holder without a value: " + match.group());
            }
            return Matcher.quoteReplacement(value);
        });
    }

    /**
     * Text as data: what could end its delimiters or look like them is escaped, so that it stays inside. Control characters other
     * than line breaks and tabulators become spaces, and halves of characters the sign for what cannot be shown.
     */
    static String data(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\n', '\t' -> escaped.append((char) c);
                default -> escaped.appendCodePoint(plain(c));
            }
        });
        return escaped.toString();
    }

    private static int plain(int c) {
        if (Character.isISOControl(c)) {
            return ' ';
        }
        return Character.getType(c) == Character.SURROGATE ? 0xFFFD : c;
    }

    /** The same on one line, for the value of an attribute. */
    static String attribute(String text) {
        return data(text.replace('\n', ' ').replace('\t', ' '));
    }
}
