package io.penstock.enrich;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import org.jspecify.annotations.Nullable;

/** Text out of what was captured: plain text, Markdown, HTML and JSON. May be used from any thread. */
public final class TextExtractor {
    /** More than three spaces before it make a line code, not a heading. */
    private static final int MAX_INDENT = 3;

    private final int maxCharacters;

    /** @param maxCharacters how long a text may grow beyond its content; only the text of JSON does */
    public TextExtractor(int maxCharacters) {
        this.maxCharacters = maxCharacters;
    }

    /**
     * @throws PenstockException {@code content.unsupported}, naming the content type; {@code record.too-large} when the text is too
     *     long to be sent
     */
    public ExtractedText extract(byte[] content, String contentType) {
        MediaType type = MediaType.parse(contentType);
        if (type.isHtml()) {
            return HtmlText.extract(content, Charsets.byteOrderMark(content).or(type::charset));
        }
        if (type.isJson()) {
            return JsonText.extract(withoutMark(Charsets.decode(content, type.charset())), maxCharacters);
        }
        if (type.isPlain()) {
            String text = withoutMark(Charsets.decode(content, type.charset()));
            return ExtractedText.of(type.isMarkdown() ? heading(text) : null, text);
        }
        throw new PenstockException(
                ErrorCode.CONTENT_UNSUPPORTED,
                "There is no text extraction for the content type '" + type.type()
                        + "'; text, Markdown, HTML and JSON are read.");
    }

    private static String withoutMark(String text) {
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    /** The heading of the first level that the text begins with, without the marks around it. */
    private static @Nullable String heading(String text) {
        String line = text.lines()
                .filter(any -> !any.isBlank())
                .findFirst()
                .orElse("")
                .stripTrailing();
        int mark = line.length() - line.stripLeading().length();
        boolean isHeading = mark <= MAX_INDENT
                && line.startsWith("#", mark)
                && mark + 1 < line.length()
                && Character.isWhitespace(line.charAt(mark + 1));
        return isHeading ? withoutClosingMarks(line.substring(mark + 1)) : null;
    }

    /** Marks at the end count only after white space: the title of {@code # About C#} is {@code About C#}. */
    private static String withoutClosingMarks(String line) {
        int end = line.length();
        while (end > 0 && line.charAt(end - 1) == '#') {
            end--;
        }
        boolean closing = end == 0 || Character.isWhitespace(line.charAt(end - 1));
        return (closing ? line.substring(0, end) : line).strip();
    }
}
