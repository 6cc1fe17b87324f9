package io.penstock.capture;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.jayway.jsonpath.JsonPath;
import io.penstock.error.ErrorCode;
import io.penstock.schema.DataEntry;
import io.penstock.schema.RecordsConfig;
import io.penstock.stage.CallException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes many records of one JSON document, or of several that are the pages of one entry. For one use.
 *
 * <p><b>Threading.</b> For the thread of the capture.
 */
final class RecordExtractor implements Extractor {
    private static final String ALL_ELEMENTS = "[*]";

    private final RecordsConfig config;
    private final DataEntry entry;
    private final JsonPath path;
    private final JsonPath key;
    private final @Nullable JsonPath label;
    private final @Nullable JsonPath uri;
    private final @Nullable JsonPath content;
    private int pages;

    RecordExtractor(RecordsConfig config, DataEntry entry) throws CallException {
        this.config = config;
        this.entry = entry;
        this.path = recordsPath(config.getPath());
        this.key = JsonPaths.compile(config.getKey());
        this.label = JsonPaths.compileOrNull(config.getLabel());
        this.uri = JsonPaths.compileOrNull(config.getUri());
        this.content = JsonPaths.compileOrNull(config.getContent());
    }

    /** An array that is there but empty is no fault; a path to all of its elements could not tell, so its own path is used. */
    private static JsonPath recordsPath(String given) throws CallException {
        if (given.endsWith(ALL_ELEMENTS)) {
            JsonPath array = JsonPaths.compile(given.substring(0, given.length() - ALL_ELEMENTS.length()));
            if (array.isDefinite()) {
                return array;
            }
        }
        return JsonPaths.compile(given);
    }

    @Override
    public ExtractedPage extract(CapturedContent page) throws CallException {
        JsonNode document = JsonPaths.parse(page);
        pages++;
        List<CapturedItem> items = new ArrayList<>();
        for (JsonNode record : records(document, page)) {
            items.add(item(record, items.size() + 1, page));
        }
        return new ExtractedPage(items, document);
    }

    private List<JsonNode> records(JsonNode document, CapturedContent page) throws CallException {
        Optional<JsonNode> there = JsonPaths.find(path, document);
        Optional<JsonNode> found =
                there.filter(node -> !node.isNull()).filter(node -> path.isDefinite() || !node.isEmpty());
        if (found.isEmpty()) {
            if (pages > 1 && there.isPresent()) {
                return List.of(); // a path that found records before is right, and this page has none
            }
            throw CallException.permanent(
                    ErrorCode.CAPTURE_PATH_EMPTY.code(),
                    "The path " + config.getPath() + " finds nothing in " + page.uri() + ".");
        }
        if (!found.get().isArray()) {
            return List.of(found.get());
        }
        List<JsonNode> records = new ArrayList<>();
        found.get().forEach(records::add);
        return records;
    }

    private CapturedItem item(JsonNode record, int number, CapturedContent page) throws CallException {
        String itemKey = JsonPaths.text(key, record)
                .orElseThrow(() -> CallException.permanent(
                        ErrorCode.CAPTURE_KEY_MISSING.code(),
                        "Record " + number + " of " + page.uri() + " has no key: " + config.getKey()
                                + " finds no text or number in it."));
        String itemLabel = JsonPaths.text(label, record).orElse(entry.getLabel() + ": " + itemKey);
        String address = JsonPaths.text(uri, record)
                .flatMap(text -> address(page.uri(), text))
                .orElse(page.uri());
        JsonNode body = record;
        if (content != null) {
            body = JsonPaths.find(content, record)
                    .filter(node -> !node.isNull())
                    .orElseThrow(() -> CallException.permanent(
                            ErrorCode.CAPTURE_PATH_EMPTY.code(),
                            "The path " + config.getContent() + " finds nothing in the record '" + itemKey + "' of "
                                    + page.uri() + "."));
        }
        boolean text = body.isValueNode();
        String type = text ? Objects.requireNonNullElse(config.getContentType(), ContentTypes.TEXT) : ContentTypes.JSON;
        byte[] bytes = (text ? body.asText() : body.toString()).getBytes(UTF_8);
        return new CapturedItem(
                itemKey,
                itemLabel,
                new CapturedContent(bytes, ContentCharset.settled(type, bytes), address, page.attributes()));
    }

    /** An address that people may follow, seen from the page that names it. */
    static Optional<String> address(String page, String text) {
        try {
            URI target = Uris.resolved(URI.create(page), text);
            String scheme = String.valueOf(target.getScheme()).toLowerCase(Locale.ROOT);
            return (scheme.equals("http") || scheme.equals("https"))
                            && target.getHost() != null
                            && target.getRawUserInfo() == null
                    ? Optional.of(Uris.cited(target))
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // the page's own address stands in for it
        }
    }
}
