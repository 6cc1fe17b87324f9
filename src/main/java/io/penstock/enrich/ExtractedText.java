package io.penstock.enrich;

import java.text.Normalizer;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Text as everything after enrichment sees it: line ends are {@code \n}, there are no control characters but those and tabs,
 * and it is in Unicode's form NFC. Offsets of chunks and citations count its UTF-16 units.
 *
 * @param title title found in the content: one line, cut at 1,000 UTF-16 units since each chunk of the text repeats it
 * @param dropped how many characters were dropped because nobody can read them
 * @param attributes what the content says about itself, by the names in {@link io.penstock.document.DocumentAttributes}
 */
public record ExtractedText(@Nullable String title, String text, int dropped, Map<String, String> attributes) {
    private static final int MAX_TITLE = 1_000;
    private static final char REPLACEMENT = '\uFFFD';

    public ExtractedText {
        attributes = Map.copyOf(attributes);
    }

    /** Normalises what was extracted. */
    static ExtractedText of(@Nullable String title, String raw) {
        return of(title, raw, Map.of());
    }

    /** Normalises what was extracted; attributes become single lines, as the title does. */
    static ExtractedText of(@Nullable String title, String raw, Map<String, String> attributes) {
        StringBuilder kept = new StringBuilder(raw.length());
        int dropped = 0;
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '\r') {
                if (i + 1 >= raw.length() || raw.charAt(i + 1) != '\n') {
                    kept.append('\n');
                }
            } else if (c == '\u2028' || c == '\u2029' || c == '\u0085') {
                kept.append('\n');
            } else if (c == '\n' || c == '\t') {
                kept.append(c);
            } else if (c == '\f' || c == '\u000b') {
                kept.append('\n');
            } else if (Character.isISOControl(c)) {
                dropped++;
            } else if (c != '\uFEFF') {
                kept.append(isLoneSurrogate(raw, i) ? REPLACEMENT : c);
            }
        }
        String text = Normalizer.normalize(kept, Normalizer.Form.NFC).strip();
        return new ExtractedText(line(title), text, dropped, lines(attributes));
    }

    private static Map<String, String> lines(Map<String, String> attributes) {
        Map<String, String> lines = new TreeMap<>();
        attributes.forEach((name, value) -> {
            String line = line(value);
            if (line != null) {
                lines.put(name, line);
            }
        });
        return lines;
    }

    private static boolean isLoneSurrogate(String text, int i) {
        char c = text.charAt(i);
        if (Character.isHighSurrogate(c)) {
            return i + 1 >= text.length() || !Character.isLowSurrogate(text.charAt(i + 1));
        }
        return Character.isLowSurrogate(c) && (i == 0 || !Character.isHighSurrogate(text.charAt(i - 1)));
    }

    private static @Nullable String line(@Nullable String title) {
        if (title == null) {
            return null;
        }
        String line = of(null, title).text().replaceAll("\\s+", " ").strip();
        if (line.length() > MAX_TITLE) {
            int end = Character.isHighSurrogate(line.charAt(MAX_TITLE - 1)) ? MAX_TITLE - 1 : MAX_TITLE;
            line = line.substring(0, end).strip();
        }
        return line.isEmpty() ? null : line;
    }
}
