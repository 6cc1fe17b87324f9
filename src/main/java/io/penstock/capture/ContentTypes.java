package io.penstock.capture;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
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
            // HTML and XML name their charset themselves.
            case "html", "htm" -> "text/html";
            case "xhtml" -> "application/xhtml+xml";
            case "xml" -> "application/xml";
            case "json" -> JSON;
            case "pdf" -> "application/pdf";
            default -> "application/octet-stream";
        };
    }

    private static String withCharset(String type, byte[] content) {
        return type + "; charset=" + charset(content);
    }

    private static String charset(byte[] content) {
        if (content.length >= 2) {
            int mark = (content[0] & 0xff) << 8 | (content[1] & 0xff);
            if (mark == 0xfeff || mark == 0xfffe) {
                return "utf-16";
            }
        }
        try {
            UTF_8.newDecoder().decode(ByteBuffer.wrap(content));
            return "utf-8";
        } catch (CharacterCodingException e) {
            return "windows-1252"; // old text is most often this, and every byte means something in it
        }
    }
}
