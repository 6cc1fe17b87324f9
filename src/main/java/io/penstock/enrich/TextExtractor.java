package io.penstock.enrich;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Text out of what was captured: plain text, Markdown, HTML and JSON. May be used from any thread. */
public final class TextExtractor {
    private static final Pattern FIRST_HEADING =
            Pattern.compile("\\A(?:\\s*\\n)?\\s{0,3}#\\s+(.+?)\\s*#*\\s*$", Pattern.MULTILINE);

    /** @throws PenstockException {@code content.unsupported}, naming the content type */
    public ExtractedText extract(byte[] content, String contentType) {
        MediaType type = MediaType.parse(contentType);
        if (type.isHtml()) {
            return HtmlText.extract(content, Charsets.byteOrderMark(content).or(type::charset));
        }
        if (type.isJson()) {
            return JsonText.extract(withoutMark(Charsets.decode(content, type.charset())));
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

    private static @Nullable String heading(String text) {
        Matcher matcher = FIRST_HEADING.matcher(text);
        return matcher.find() ? matcher.group(1) : null;
    }
}
