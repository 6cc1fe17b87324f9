package io.penstock.enrich;

import io.penstock.document.DocumentText;
import io.penstock.document.Documents;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import org.jspecify.annotations.Nullable;

/**
 * Text out of what was captured: plain text, Markdown, HTML and JSON here, PDF, Office files and e-mails by {@link Documents}. May be
 * used from any thread.
 */
public final class TextExtractor {
    /** More than three spaces before it make a line code, not a heading. */
    private static final int MAX_INDENT = 3;

    private final int maxCharacters;
    private final Documents documents;

    /**
     * @param maxCharacters how long a text may grow beyond its content; only the text of JSON does
     * @param documents reads what is neither text nor a page
     */
    public TextExtractor(int maxCharacters, Documents documents) {
        this.maxCharacters = maxCharacters;
        this.documents = documents;
    }

    /**
     * @param contentType as declared; where it is missing, or the content shows that it is wrong, the content decides
     * @param uri where the content was found; its end may tell what it is
     * @throws PenstockException {@code content.unsupported}, naming the content type; {@code record.too-large} when the text is too
     *     long to be sent; another of the {@code content.*} codes when a document cannot be read
     */
    public ExtractedText extract(byte[] content, String contentType, String uri) throws InterruptedException {
        MediaType type = Detection.settle(content, MediaType.parse(contentType), uri);
        if (type.isDocument()) {
            DocumentText read = documents.read(content, type.type(), Detection.name(uri));
            return ExtractedText.of(read.title(), read.text(), read.attributes());
        }
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
                        + "'; text, Markdown, HTML, JSON, PDF, Microsoft Office, RTF and e-mail are read.");
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
