package io.penstock.capture;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.rometools.rome.feed.synd.SyndCategory;
import com.rometools.rome.feed.synd.SyndContent;
import com.rometools.rome.feed.synd.SyndEntry;
import com.rometools.rome.feed.synd.SyndFeed;
import com.rometools.rome.feed.synd.SyndPerson;
import com.rometools.rome.io.FeedException;
import com.rometools.rome.io.SyndFeedInput;
import io.penstock.error.ErrorCode;
import io.penstock.stage.CallException;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.parsers.SAXParserFactory;
import org.jdom2.Document;
import org.jdom2.JDOMException;
import org.jdom2.input.SAXBuilder;
import org.jdom2.input.sax.XMLReaderJDOMFactory;
import org.jsoup.Jsoup;
import org.jspecify.annotations.Nullable;
import org.xml.sax.SAXException;
import org.xml.sax.XMLReader;

/** Makes one record of each entry of a feed in RSS or Atom. */
final class FeedExtractor implements Extractor {
    private static final String HTML = "text/html; charset=utf-8";
    private static final Pattern MARKUP = Pattern.compile("<[a-zA-Z/!][^<>]*>|&(?:[a-zA-Z]+|#[0-9]+);");

    /**
     * They bound what entities grow to, and count the text of the document as well: 100,000 characters of it. Here no entity can be
     * declared, and the document is bounded itself.
     */
    private static final List<String> LIMITS_OF_ENTITIES =
            List.of("jdk.xml.maxGeneralEntitySizeLimit", "jdk.xml.totalEntitySizeLimit");

    /** The readers of the JDK, whichever others may be on the class path. */
    private static final class PlainReaders implements XMLReaderJDOMFactory {
        @Override
        public XMLReader createXMLReader() throws JDOMException {
            try {
                return SAXParserFactory.newDefaultNSInstance().newSAXParser().getXMLReader();
            } catch (SAXException | ParserConfigurationException e) {
                throw new JDOMException("The JDK has no XML reader", e);
            }
        }

        @Override
        public boolean isValidating() {
            return false;
        }
    }

    @Override
    public ExtractedPage extract(CapturedContent page) throws CallException {
        SyndFeed feed = parse(page);
        List<CapturedItem> items = new ArrayList<>();
        for (SyndEntry entry : feed.getEntries()) {
            items.add(item(entry, feed, page, items.size() + 1));
        }
        return new ExtractedPage(items, null);
    }

    /** A document type would be where entities are declared; no feed needs one. */
    private static SyndFeed parse(CapturedContent page) throws CallException {
        SAXBuilder builder = new SAXBuilder(new PlainReaders());
        builder.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        builder.setFeature("http://xml.org/sax/features/external-general-entities", false);
        builder.setFeature("http://xml.org/sax/features/external-parameter-entities", false);
        builder.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
        builder.setExpandEntities(false);
        for (String limit : LIMITS_OF_ENTITIES) {
            builder.setProperty(limit, "0");
        }
        try {
            Document document = builder.build(new StringReader(
                    ContentCharset.decode(page.content(), page.contentType()).strip()));
            return new SyndFeedInput(false, Locale.ROOT).build(document);
        } catch (JDOMException | IOException | FeedException | IllegalArgumentException e) {
            throw CallException.permanent(
                    ErrorCode.CAPTURE_FEED_BROKEN.code(),
                    page.uri() + " is no feed in RSS or Atom that can be read (" + page.contentType() + "): "
                            + Failures.clause(e.getMessage()) + ".");
        }
    }

    private static CapturedItem item(SyndEntry entry, SyndFeed feed, CapturedContent page, int number)
            throws CallException {
        String title = plain(entry.getTitle());
        boolean typed = String.valueOf(feed.getFeedType()).startsWith("atom");
        CapturedContent content = content(entry, title, typed);
        String link = link(entry, page);
        Optional<String> key = Stream.of(entry.getUri(), entry.getLink())
                .filter(FeedExtractor::isSaid)
                .findFirst()
                .map(String::strip)
                .or(() -> isSaid(title) ? Optional.of(ItemKeys.sha256(title)) : Optional.empty());
        if (key.isEmpty()) {
            throw CallException.permanent(
                    ErrorCode.CAPTURE_KEY_MISSING.code(),
                    "Entry " + number + " of the feed " + page.uri() + " has no guid, id, link or title.");
        }
        Map<String, String> attributes = new TreeMap<>(page.attributes());
        put(attributes, "title", title);
        put(attributes, "author", author(entry));
        put(attributes, "published_at", date(entry.getPublishedDate()));
        put(attributes, "updated_at", date(entry.getUpdatedDate()));
        put(attributes, "feed", plain(feed.getTitle()));
        put(
                attributes,
                "categories",
                entry.getCategories().stream()
                        .map(SyndCategory::getName)
                        .filter(FeedExtractor::isSaid)
                        .collect(Collectors.joining(", ")));
        return new CapturedItem(
                key.get(),
                isSaid(title) ? title : null,
                new CapturedContent(content.content(), content.contentType(), link, attributes));
    }

    /**
     * The content, else the description, else the title.
     *
     * @param typed whether the feed says of what type its text is
     */
    private static CapturedContent content(SyndEntry entry, String title, boolean typed) {
        Optional<SyndContent> found = Stream.concat(
                        entry.getContents().stream(), Stream.ofNullable(entry.getDescription()))
                .filter(content -> isSaid(content.getValue()))
                .findFirst();
        String text = found.map(SyndContent::getValue).orElse(title);
        boolean html = found.isPresent() && isHtml(found.get(), typed);
        return new CapturedContent(text.getBytes(UTF_8), html ? HTML : ContentTypes.TEXT, "", Map.of());
    }

    /** RSS does not say of what type its text is, so the text itself tells. */
    private static boolean isHtml(SyndContent content, boolean typed) {
        String type = String.valueOf(content.getType()).toLowerCase(Locale.ROOT);
        return typed
                ? type.contains("html") || type.contains("xml")
                : MARKUP.matcher(content.getValue()).find();
    }

    private static String link(SyndEntry entry, CapturedContent page) {
        return isSaid(entry.getLink())
                ? RecordExtractor.address(page.uri(), entry.getLink()).orElse(page.uri())
                : page.uri();
    }

    private static String author(SyndEntry entry) {
        String names = entry.getAuthors().stream()
                .map(SyndPerson::getName)
                .filter(FeedExtractor::isSaid)
                .collect(Collectors.joining(", "));
        return names.isEmpty() && isSaid(entry.getAuthor()) ? entry.getAuthor().strip() : names;
    }

    private static String plain(@Nullable String title) {
        if (title == null) {
            return "";
        }
        return MARKUP.matcher(title).find() ? Jsoup.parse(title).text() : title.strip();
    }

    private static String date(@Nullable Date date) {
        return date == null ? "" : date.toInstant().toString();
    }

    private static void put(Map<String, String> attributes, String name, String value) {
        if (!value.isBlank()) {
            attributes.put(name, value);
        }
    }

    private static boolean isSaid(@Nullable String text) {
        return text != null && !text.isBlank();
    }
}
