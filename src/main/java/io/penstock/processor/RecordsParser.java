package io.penstock.processor;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schema.PagesConfig;
import io.penstock.schema.RecordsConfig;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads how a response is many records, and how the pages after it are found. */
final class RecordsParser {
    private static final int MOST_PAGES = 1000;
    private static final List<String> RECORDS = List.of("path", "key", "label", "uri", "content", "content_type");
    private static final List<String> PAGES = List.of("by", "path", "parameter", "first", "most");

    private final Problems problems;

    RecordsParser(Problems problems) {
        this.problems = problems;
    }

    @Nullable
    RecordsConfig records(@Nullable JsonNode node) {
        if (node == null) {
            return null;
        }
        if (!node.isObject()) {
            problems.invalid(
                    "source.records", "This is an object, such as {\"path\": \"$.items\", \"key\": \"$.id\"}.");
            return null;
        }
        SourceFields fields = new SourceFields(node, "source.records", problems);
        fields.allowOnly(RECORDS, "records");
        String path = fields.requiredPath("path", "Records need the JSONPath at which they are, such as $.items.");
        String key = fields.requiredPath(
                "key", "Records need the JSONPath, within a record, of what identifies it, such as $.id.");
        String content = fields.path("content");
        String contentType = fields.text("content_type");
        if (contentType != null && fields.node("content") == null) {
            fields.invalid(
                    "content_type",
                    "A record without a content path is JSON; leave the content type out, or say where the content is.");
        }
        return path == null || key == null
                ? null
                : RecordsConfig.newBuilder()
                        .setPath(path)
                        .setKey(key)
                        .setLabel(fields.path("label"))
                        .setUri(fields.path("uri"))
                        .setContent(content)
                        .setContentType(contentType)
                        .build();
    }

    /** @param withRecords whether the source has records */
    @Nullable
    PagesConfig pages(@Nullable JsonNode node, boolean withRecords) {
        if (node == null) {
            return null;
        }
        if (!node.isObject()) {
            problems.invalid("source.pages", "This is an object, such as {\"by\": \"link\"}.");
            return null;
        }
        if (!withRecords) {
            problems.invalid("source.pages", "Pages are pages of records; say in source.records where those are.");
        }
        SourceFields fields = new SourceFields(node, "source.pages", problems);
        fields.allowOnly(PAGES, "pages");
        String by = fields.text("by");
        String path = fields.path("path");
        String parameter = fields.text("parameter");
        Integer first = fields.whole("first", 0, Integer.MAX_VALUE - MOST_PAGES);
        switch (by == null ? "" : by) {
            case "link" -> {
                refuse(fields, "parameter", "A link holds all parameters already.");
                refuse(fields, "first", "Only pages by number have a first number.");
            }
            case "cursor" -> {
                require(fields, "path", "Pages by cursor need the JSONPath of the cursor, such as $.next.");
                requireParameter(fields, parameter);
                refuse(fields, "first", "Only pages by number have a first number.");
            }
            case "number" -> {
                requireParameter(fields, parameter);
                refuse(fields, "path", "Pages by number need no path; they end with a page that brings nothing new.");
            }
            default -> fields.invalid("by", "Pages are by link, by cursor or by number.");
        }
        return by == null
                ? null
                : PagesConfig.newBuilder()
                        .setBy(by)
                        .setPath(path)
                        .setParameter(parameter)
                        .setFirst(first == null ? 1 : first)
                        .setMost(fields.whole("most", 1, MOST_PAGES))
                        .build();
    }

    private static void require(SourceFields fields, String name, String otherwise) {
        if (fields.node(name) == null) {
            fields.invalid(name, otherwise);
        }
    }

    private static void requireParameter(SourceFields fields, @Nullable String parameter) {
        require(fields, "parameter", "These pages need the query parameter that carries the cursor or the number.");
        if (parameter != null && parameter.isBlank()) {
            fields.invalid("parameter", "A query parameter needs a name.");
        }
    }

    private static void refuse(SourceFields fields, String name, String why) {
        if (fields.node(name) != null) {
            fields.invalid(name, why + " Leave this out.");
        }
    }
}
