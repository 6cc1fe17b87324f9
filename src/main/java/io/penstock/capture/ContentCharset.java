package io.penstock.capture;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.mozilla.universalchardet.UniversalDetector;

/**
 * The charset that text really has. A byte order mark decides; bytes beyond ASCII that are valid UTF-8 are UTF-8, whatever was
 * declared, for that is no accident; then what was declared counts if the bytes can be read by it, and what the text says of
 * itself likewise; then the bytes are judged by their frequencies.
 */
final class ContentCharset {
    private static final Charset WINDOWS_1252 = Charset.forName("windows-1252");
    private static final Pattern PARAMETER =
            Pattern.compile(";\\s*charset\\s*=\\s*[\"']?([^\"';\\s]+)", Pattern.CASE_INSENSITIVE);
    private static final Pattern IN_CONTENT = Pattern.compile(
            "(?:<\\?xml[^>]{0,200}\\bencoding|<meta[^>]{0,300}\\bcharset)\\s*=\\s*[\"']?([^\"'\\s>;/]+)",
            Pattern.CASE_INSENSITIVE);
    private static final int HEAD = 2048;
    /** With fewer bytes beyond ASCII frequencies say nothing. */
    private static final int FEWEST_TO_JUDGE = 6;

    private ContentCharset() {}

    /** The content type with the charset that the content has; as it is when it is not of text. */
    static String settled(String contentType, byte[] content) {
        String type = mediaType(contentType);
        boolean saysItself = type.contains("html") || type.contains("xml");
        boolean text = type.startsWith("text/") || saysItself || type.contains("json") || type.contains("csv");
        if (!text) {
            return contentType;
        }
        Optional<Charset> declared = declared(contentType);
        if (isAscii(content) && (declared.isPresent() || saysItself)) {
            return contentType; // nothing hangs on it
        }
        Charset charset = of(content, declared);
        if (declared.isPresent() && declared.get().equals(charset)) {
            return contentType;
        }
        String bare = PARAMETER.matcher(contentType).replaceAll("");
        return bare + "; charset=" + charset.name().toLowerCase(Locale.ROOT);
    }

    /** The text, without a byte order mark. */
    static String decode(byte[] content, @Nullable String contentType) {
        Charset charset = of(content, contentType == null ? Optional.empty() : declared(contentType));
        String text = new String(content, charset);
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    static Charset of(byte[] content, Optional<Charset> declared) {
        Optional<Charset> marked = byteOrderMark(content);
        if (marked.isPresent()) {
            return marked.get();
        }
        boolean ascii = isAscii(content);
        if (!ascii && decodes(content, UTF_8)) {
            return UTF_8;
        }
        return declared.filter(charset -> decodes(content, charset))
                .or(() -> inContent(content).filter(charset -> decodes(content, charset)))
                .map(charset -> isLatin1(charset) && hasControls(content) ? WINDOWS_1252 : charset)
                .or(() -> withoutMark(content))
                .orElseGet(() -> judged(content, ascii));
    }

    private static Charset judged(byte[] content, boolean ascii) {
        if (ascii && !contains(content, (byte) 0x1b)) {
            return UTF_8;
        }
        if (!ascii && isMostlyUtf8(content)) {
            return UTF_8;
        }
        int beyond = 0;
        for (byte b : content) {
            beyond += b < 0 ? 1 : 0;
        }
        if (ascii || beyond >= FEWEST_TO_JUDGE) {
            UniversalDetector detector = new UniversalDetector();
            detector.handleData(content);
            detector.dataEnd();
            Optional<Charset> found = named(detector.getDetectedCharset());
            if (found.isPresent()) {
                return found.get().equals(US_ASCII) ? UTF_8 : found.get();
            }
        }
        return ascii ? UTF_8 : WINDOWS_1252; // old text is most often this, and every byte means something in it
    }

    private static String mediaType(String contentType) {
        int semicolon = contentType.indexOf(';');
        return (semicolon < 0 ? contentType : contentType.substring(0, semicolon))
                .strip()
                .toLowerCase(Locale.ROOT);
    }

    private static Optional<Charset> declared(String contentType) {
        Matcher parameter = PARAMETER.matcher(contentType);
        return parameter.find() ? named(parameter.group(1)) : Optional.empty();
    }

    private static Optional<Charset> inContent(byte[] content) {
        Matcher found = IN_CONTENT.matcher(new String(content, 0, Math.min(HEAD, content.length), ISO_8859_1));
        // UTF-16 that can be read as ASCII is none.
        return found.find()
                ? named(found.group(1)).filter(charset -> !charset.name().startsWith("UTF-16"))
                : Optional.empty();
    }

    private static Optional<Charset> named(@Nullable String name) {
        if (name == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Charset.forName(name));
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            return Optional.empty(); // an unknown name is as good as none
        }
    }

    private static Optional<Charset> byteOrderMark(byte[] content) {
        if (content.length >= 3
                && (content[0] & 0xff) == 0xef
                && (content[1] & 0xff) == 0xbb
                && (content[2] & 0xff) == 0xbf) {
            return Optional.of(UTF_8);
        }
        if (content.length >= 2) {
            int mark = (content[0] & 0xff) << 8 | (content[1] & 0xff);
            if (mark == 0xfeff || mark == 0xfffe) {
                return Optional.of(UTF_16);
            }
        }
        return Optional.empty();
    }

    /** Western text in UTF-16 has a zero in every other byte. */
    private static Optional<Charset> withoutMark(byte[] content) {
        int even = 0;
        int odd = 0;
        int length = Math.min(content.length, HEAD);
        for (int i = 0; i < length; i++) {
            if (content[i] == 0) {
                if (i % 2 == 0) {
                    even++;
                } else {
                    odd++;
                }
            }
        }
        if (content.length % 2 != 0 || Math.max(even, odd) < length / 4 || Math.max(even, odd) == 0) {
            return Optional.empty();
        }
        return Optional.of(even > odd ? UTF_16BE : UTF_16LE);
    }

    private static boolean decodes(byte[] content, Charset charset) {
        try {
            charset.newDecoder().decode(ByteBuffer.wrap(content));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    /** UTF-8 with a few broken places, as when it was cut. */
    private static boolean isMostlyUtf8(byte[] content) {
        String text = new String(content, UTF_8);
        long broken = text.chars().filter(c -> c == '\uFFFD').count();
        long beyond = text.chars().filter(c -> c > 127).count() - broken;
        return broken * 4 <= beyond;
    }

    private static boolean isLatin1(Charset charset) {
        return charset.equals(ISO_8859_1);
    }

    /** Nobody writes these control characters; in windows-1252 they are quotation marks and dashes. */
    private static boolean hasControls(byte[] content) {
        for (byte b : content) {
            if ((b & 0xff) >= 0x80 && (b & 0xff) <= 0x9f) {
                return true;
            }
        }
        return false;
    }

    private static boolean isAscii(byte[] content) {
        for (byte b : content) {
            if (b < 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean contains(byte[] content, byte wanted) {
        for (byte b : content) {
            if (b == wanted) {
                return true;
            }
        }
        return false;
    }
}
