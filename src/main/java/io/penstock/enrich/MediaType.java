package io.penstock.enrich;

import java.nio.charset.Charset;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** A content type, as far as extraction looks at it. */
record MediaType(String type, Optional<Charset> charset) {
    private static final Set<String> DOCUMENTS = Set.of(
            "application/pdf",
            "application/x-pdf",
            "application/msword",
            "application/rtf",
            "text/rtf",
            "message/rfc822",
            "application/zip",
            "application/x-tika-msoffice",
            "application/x-tika-ooxml");

    private static final Set<String> UNKNOWN = Set.of(
            "",
            "application/octet-stream",
            "binary/octet-stream",
            "application/unknown",
            "application/x-unknown",
            "application/download",
            "application/x-download",
            "application/force-download");

    static MediaType parse(String contentType) {
        String[] parts = contentType.split(";", -1);
        Optional<Charset> charset = Optional.empty();
        for (int i = 1; i < parts.length; i++) {
            String parameter = parts[i].strip();
            if (parameter.regionMatches(true, 0, "charset=", 0, 8)) {
                charset = Charsets.named(parameter
                        .substring(8)
                        .replace("\"", "")
                        .replace("'", "")
                        .strip());
            }
        }
        return new MediaType(parts[0].strip().toLowerCase(Locale.ROOT), charset);
    }

    /** What is read in a process of its own. */
    boolean isDocument() {
        return DOCUMENTS.contains(type)
                || type.startsWith("application/vnd.openxmlformats-officedocument.")
                || type.startsWith("application/vnd.ms-");
    }

    boolean isEmail() {
        return type.equals("message/rfc822");
    }

    /** Nothing is said about what it is. */
    boolean isUnknown() {
        return UNKNOWN.contains(type);
    }

    boolean isHtml() {
        return type.equals("text/html") || type.equals("application/xhtml+xml");
    }

    boolean isJson() {
        return type.equals("application/json") || type.equals("text/json") || type.endsWith("+json");
    }

    boolean isMarkdown() {
        return type.equals("text/markdown") || type.equals("text/x-markdown");
    }

    /** No type at all counts as text: the quality rules will tell. */
    boolean isPlain() {
        return type.isEmpty()
                || type.startsWith("text/")
                || type.equals("application/yaml")
                || type.equals("application/x-yaml")
                || type.equals("application/x-ndjson");
    }
}
