package io.penstock.document;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.tika.metadata.Message;
import org.apache.tika.metadata.Metadata;
import org.apache.tika.metadata.Office;
import org.apache.tika.metadata.PagedText;
import org.apache.tika.metadata.Property;
import org.apache.tika.metadata.TikaCoreProperties;
import org.apache.tika.mime.MediaType;
import org.jspecify.annotations.Nullable;

/** Picks what is worth keeping from what Tika found out about a document. */
final class DocumentMetadata {
    private static final int MAX_AUTHORS = 20;

    /** Written by programs, not by people. */
    private static final Pattern PROGRAM = Pattern.compile("(?i)^microsoft (word|powerpoint|excel)\\s*-\\s*");

    private static final Pattern NO_TITLE = Pattern.compile(
            "(?i)(untitled|document|presentation|slide|dokument|titel)?\\s*\\d*|.*\\.(docx?|pdf|pptx?|xlsx?|indd|tex|dvi|rtf|odt)");

    private DocumentMetadata() {}

    static DocumentText text(Metadata metadata, MediaType type, String declared, String text, int leftOut) {
        Map<String, String> attributes = new LinkedHashMap<>();
        put(attributes, DocumentAttributes.AUTHORS, authors(metadata));
        put(attributes, DocumentAttributes.CREATED_AT, metadata.get(TikaCoreProperties.CREATED));
        put(attributes, DocumentAttributes.CHANGED_AT, metadata.get(TikaCoreProperties.MODIFIED));
        put(attributes, DocumentAttributes.LANGUAGE, metadata.get(TikaCoreProperties.LANGUAGE));
        put(
                attributes,
                DocumentAttributes.PAGES,
                first(metadata, PagedText.N_PAGES, Office.PAGE_COUNT, Office.SLIDE_COUNT));
        String found = type.getBaseType().toString();
        if (!found.equals(declared)) {
            attributes.put(DocumentAttributes.DETECTED_TYPE, found);
        }
        if (leftOut > 0) {
            attributes.put(DocumentAttributes.LEFT_OUT, String.valueOf(leftOut));
        }
        return new DocumentText(title(metadata, text), envelope(metadata) + text, attributes);
    }

    private static @Nullable String title(Metadata metadata, String text) {
        String title = metadata.get(TikaCoreProperties.TITLE);
        if (title != null) {
            String words = PROGRAM.matcher(title.strip()).replaceFirst("");
            if (!NO_TITLE.matcher(words).matches()) {
                return Exchange.cutAttribute(words);
            }
        }
        return text.startsWith("# ")
                ? Exchange.cutAttribute(text.substring(2).lines().findFirst().orElse(""))
                : null;
    }

    private static String authors(Metadata metadata) {
        Set<String> authors = new LinkedHashSet<>();
        for (String author : metadata.getValues(TikaCoreProperties.CREATOR)) {
            if (!author.isBlank()) {
                authors.add(author.strip());
            }
        }
        return authors.stream().limit(MAX_AUTHORS).collect(Collectors.joining("; "));
    }

    /** What stands above a message for whoever reads it, as part of the text: questions are asked about it. */
    private static String envelope(Metadata metadata) {
        String from = String.join(", ", metadata.getValues(Message.MESSAGE_FROM));
        if (from.isBlank()) {
            return "";
        }
        StringBuilder lines = new StringBuilder();
        line(lines, "From", from);
        line(lines, "To", String.join(", ", metadata.getValues(Message.MESSAGE_TO)));
        line(lines, "Cc", String.join(", ", metadata.getValues(Message.MESSAGE_CC)));
        line(lines, "Date", metadata.get(TikaCoreProperties.CREATED));
        line(lines, "Subject", metadata.get(TikaCoreProperties.TITLE));
        return lines.append('\n').toString();
    }

    private static void line(StringBuilder lines, String name, @Nullable String value) {
        if (value != null && !value.isBlank()) {
            lines.append(name)
                    .append(": ")
                    .append(value.strip().replaceAll("\\s+", " "))
                    .append('\n');
        }
    }

    private static @Nullable String first(Metadata metadata, Property... properties) {
        return Arrays.stream(properties)
                .map(metadata::get)
                .filter(value -> value != null && !value.isBlank() && !value.equals("0"))
                .findFirst()
                .orElse(null);
    }

    private static void put(Map<String, String> attributes, String name, @Nullable String value) {
        String kept = Exchange.cutAttribute(value);
        if (kept != null && !kept.isBlank()) {
            attributes.put(name, kept.strip());
        }
    }
}
