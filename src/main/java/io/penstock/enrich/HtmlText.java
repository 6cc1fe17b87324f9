package io.penstock.enrich;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;
import org.jsoup.select.NodeVisitor;
import org.jspecify.annotations.Nullable;

/** The visible text of a page, with its paragraphs, but without scripts, styles, menus and form controls. */
final class HtmlText implements NodeVisitor {
    private static final String LEFT_OUT =
            "script, style, noscript, template, nav, svg, iframe, object, embed, canvas, "
                    + "select, button, input, textarea, head, menu, dialog:not([open]), [hidden], [aria-hidden=true], "
                    + "[role=navigation], [role=menu], [role=menubar], [style~=(?i)display\\s*:\\s*none]";
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
    /** Marked as Markdown does, so that chunks know what they stand under. */
    private static final Set<String> HEADINGS = Set.of("h1", "h2", "h3", "h4", "h5", "h6");

    private static final Set<String> LINES = Set.of("li", "tr", "dt", "dd", "br", "option", "summary", "caption");
    private static final Set<String> CELLS = Set.of("td", "th");
    private static final Pattern WHITE_SPACE = Pattern.compile("[\\s\\u00a0]+");

    private final StringBuilder text = new StringBuilder();
    private int preformatted;

    /** Of the heading whose words have not come yet; else 0. */
    private int headingLevel;

    private HtmlText() {}

    static ExtractedText extract(byte[] bytes, Optional<Charset> declared) {
        Document document = parse(bytes, declared);
        String title = title(document);
        document.select(LEFT_OUT).remove();
        HtmlText visitor = new HtmlText();
        document.traverse(visitor);
        return ExtractedText.of(title, visitor.text.toString());
    }

    private static Document parse(byte[] bytes, Optional<Charset> declared) {
        Document document = parse(bytes, declared.map(Charset::name).orElse(null));
        boolean guessedUtf8 = declared.isEmpty() && document.charset().equals(StandardCharsets.UTF_8);
        return guessedUtf8 && !Charsets.isUtf8(bytes) ? parse(bytes, Charsets.FALLBACK.name()) : document;
    }

    /** Without a charset jsoup looks for a byte order mark and the page's own meta element. */
    private static Document parse(byte[] bytes, @Nullable String charset) {
        try {
            return Jsoup.parse(new ByteArrayInputStream(bytes), charset, "");
        } catch (IOException e) {
            throw new UncheckedIOException(e); // bytes in memory: there is no device that could fail
        }
    }

    private static @Nullable String title(Document document) {
        if (!document.title().isBlank()) {
            return document.title();
        }
        Element heading = document.selectFirst("h1");
        return heading == null ? null : heading.text();
    }

    @Override
    public void head(Node node, int depth) {
        if (node instanceof TextNode leaf) {
            append(leaf.getWholeText());
        } else if (node instanceof Element element) {
            String name = element.normalName();
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
    }

    @Override
    public void tail(Node node, int depth) {
        if (node instanceof Element element) {
            String name = element.normalName();
            preformatted -= name.equals("pre") ? 1 : 0;
            headingLevel = HEADINGS.contains(name) ? 0 : headingLevel;
            if (PARAGRAPHS.contains(name)) {
                breakLines(2);
            } else if (LINES.contains(name) && !name.equals("br")) {
                breakLines(1);
            }
        }
    }

    private void append(String raw) {
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
