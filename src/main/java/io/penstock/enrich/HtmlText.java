package io.penstock.enrich;

import io.penstock.document.DocumentAttributes;
import io.penstock.document.TextLayout;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;
import org.jsoup.select.NodeVisitor;
import org.jspecify.annotations.Nullable;

/** The visible text of a page's main content, with its paragraphs and headings, and what the page says about itself. */
final class HtmlText implements NodeVisitor {
    private static final int MAX_AUTHORS = 20;
    private static final List<String> AUTHORS =
            List.of("meta[name=author]", "meta[name=dc.creator]", "meta[property=article:author]");
    private static final List<String> CREATED = List.of(
            "meta[property=article:published_time]",
            "meta[name=date]",
            "meta[name=dc.date]",
            "meta[name=dcterms.created]",
            "meta[itemprop=datePublished]",
            "time[itemprop=datePublished]",
            "time[pubdate]");
    private static final List<String> CHANGED = List.of(
            "meta[property=article:modified_time]",
            "meta[name=last-modified]",
            "meta[name=dcterms.modified]",
            "meta[itemprop=dateModified]",
            "time[itemprop=dateModified]");

    private final TextLayout layout = new TextLayout();

    private HtmlText() {}

    static ExtractedText extract(byte[] bytes, Optional<Charset> declared) {
        Document document = parse(bytes, declared);
        String title = title(document);
        Map<String, String> attributes = attributes(document);
        MainContent.keepIn(document);
        HtmlText visitor = new HtmlText();
        document.traverse(visitor);
        return ExtractedText.of(title, visitor.layout.text(), attributes);
    }

    private static Document parse(byte[] bytes, Optional<Charset> declared) {
        Document document = parse(bytes, declared.map(Charset::name).orElse(null));
        boolean guessedUtf8 = declared.isEmpty() && document.charset().equals(StandardCharsets.UTF_8);
        return guessedUtf8 && !Charsets.isUtf8(bytes)
                ? parse(bytes, Charsets.guess(bytes).name())
                : document;
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

    private static Map<String, String> attributes(Document document) {
        Map<String, String> attributes = new LinkedHashMap<>();
        String authors = AUTHORS.stream()
                .flatMap(query -> document.select(query).stream())
                .map(element -> element.attr("content").strip())
                .filter(author -> !author.isEmpty() && !author.startsWith("http"))
                .distinct()
                .limit(MAX_AUTHORS)
                .collect(Collectors.joining("; "));
        put(attributes, DocumentAttributes.AUTHORS, authors);
        put(attributes, DocumentAttributes.CREATED_AT, first(document, CREATED));
        put(attributes, DocumentAttributes.CHANGED_AT, first(document, CHANGED));
        Element root = document.selectFirst("html[lang]");
        put(attributes, DocumentAttributes.LANGUAGE, root == null ? "" : root.attr("lang"));
        return attributes;
    }

    private static String first(Document document, List<String> queries) {
        return queries.stream()
                .flatMap(query -> document.select(query).stream())
                .map(element -> element.hasAttr("datetime") ? element.attr("datetime") : element.attr("content"))
                .filter(value -> !value.isBlank())
                .findFirst()
                .orElse("");
    }

    private static void put(Map<String, String> attributes, String name, String value) {
        if (!value.isBlank()) {
            attributes.put(name, value.strip());
        }
    }

    @Override
    public void head(Node node, int depth) {
        if (node instanceof TextNode leaf) {
            layout.append(leaf.getWholeText());
        } else if (node instanceof Element element) {
            layout.open(element.normalName());
        }
    }

    @Override
    public void tail(Node node, int depth) {
        if (node instanceof Element element) {
            layout.close(element.normalName());
        }
    }
}
