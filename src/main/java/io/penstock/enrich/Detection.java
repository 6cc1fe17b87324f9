package io.penstock.enrich;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.tika.metadata.Metadata;
import org.apache.tika.metadata.TikaCoreProperties;
import org.apache.tika.mime.MimeTypes;

/**
 * Says what content is. A declaration is believed unless the content begins as only another kind of content does; servers and file
 * names say nothing, or something wrong, often enough.
 */
final class Detection {
    private static final int BEGINNING = 4096;
    private static final String COMMENT = "<!--";

    /** Compound files of older Office programs, archives such as newer ones write, RTF and PDF. */
    private static final List<String> DOCUMENTS =
            List.of("\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1", "PK\u0003\u0004", "{\\rtf", "%PDF-");

    private Detection() {}

    /** Loaded when it is needed first: it reads a list of all known kinds of files. */
    private static final class Known {
        static final MimeTypes TYPES = MimeTypes.getDefaultMimeTypes();
    }

    static MediaType settle(byte[] content, MediaType declared, String uri) {
        String beginning = beginning(content);
        if (DOCUMENTS.stream().anyMatch(beginning::startsWith)) {
            return declared.isDocument() ? declared : guessed(content, uri);
        }
        if (isPage(beginning)) {
            return declared.isHtml() || declared.isMarkdown()
                    ? declared
                    : new MediaType("text/html", declared.isDocument() ? Optional.empty() : declared.charset());
        }
        // An e-mail is text, and whatever it begins with need not look like one.
        if (!declared.isUnknown() && (!declared.isDocument() || declared.isEmail())) {
            return declared;
        }
        MediaType guessed = guessed(content, uri);
        // No type at all, for what is no known kind either, counts as text: the quality rules will tell.
        return guessed.isUnknown() ? declared : guessed;
    }

    private static MediaType guessed(byte[] content, String uri) {
        Metadata hints = new Metadata();
        hints.set(TikaCoreProperties.RESOURCE_NAME_KEY, name(uri));
        try {
            return MediaType.parse(
                    Known.TYPES.detect(new ByteArrayInputStream(content), hints).toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e); // bytes in memory: there is no device that could fail
        }
    }

    /** The last part of an address. */
    static String name(String uri) {
        int end = uri.length();
        for (char mark : new char[] {'#', '?'}) {
            int at = uri.indexOf(mark);
            end = at < 0 ? end : Math.min(end, at);
        }
        String path = uri.substring(0, end);
        String name = path.substring(path.lastIndexOf('/') + 1);
        return name.substring(0, Math.min(name.length(), 200));
    }

    /** Without the mark of UTF-8 and white space; what is not ASCII is of no account. */
    private static String beginning(byte[] content) {
        int from = content.length >= 3
                        && (content[0] & 0xff) == 0xef
                        && (content[1] & 0xff) == 0xbb
                        && (content[2] & 0xff) == 0xbf
                ? 3
                : 0;
        return new String(content, from, Math.min(BEGINNING, content.length - from), ISO_8859_1).stripLeading();
    }

    private static boolean isPage(String beginning) {
        String rest = beginning.toLowerCase(Locale.ROOT);
        if (rest.startsWith("<?xml")) {
            rest = rest.substring(rest.indexOf("?>") + 2).stripLeading();
        }
        while (rest.startsWith(COMMENT)) {
            int end = rest.indexOf("-->");
            rest = end < 0 ? "" : rest.substring(end + 3).stripLeading();
        }
        return rest.startsWith("<!doctype html") || rest.startsWith("<html>") || rest.startsWith("<html ");
    }
}
