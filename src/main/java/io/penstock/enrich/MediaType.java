package io.penstock.enrich;

import java.nio.charset.Charset;
import java.util.Locale;
import java.util.Optional;

/** A content type, as far as extraction looks at it. */
record MediaType(String type, Optional<Charset> charset) {
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
