package io.penstock.capture;

import java.util.Locale;

/** Media types of files, by their extension, with the charset of plain text as far as its bytes tell it. */
final class ContentTypes {
    static final String JSON = "application/json; charset=utf-8";
    static final String TEXT = "text/plain; charset=utf-8";

    private ContentTypes() {}

    static String of(String fileName, byte[] content) {
        int dot = fileName.lastIndexOf('.');
        String extension = dot < 0 ? "" : fileName.substring(dot + 1).toLowerCase(Locale.ROOT);
        return switch (extension) {
            case "", "txt", "text", "log" -> withCharset("text/plain", content);
            case "md", "markdown" -> withCharset("text/markdown", content);
            case "csv" -> withCharset("text/csv", content);
            // HTML and XML name their charset themselves, but not always.
            case "html", "htm" -> withCharset("text/html", content);
            case "xhtml" -> withCharset("application/xhtml+xml", content);
            case "xml" -> withCharset("application/xml", content);
            case "json" -> withCharset("application/json", content);
            case "pdf" -> "application/pdf";
            default -> "application/octet-stream";
        };
    }

    private static String withCharset(String type, byte[] content) {
        return ContentCharset.settled(type, content);
    }
}
