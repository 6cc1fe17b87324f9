package io.penstock.enrich;

import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.apache.tika.parser.txt.CharsetDetector;
import org.apache.tika.parser.txt.CharsetMatch;

/**
 * Bytes to text: a byte order mark decides, then what was declared, then whether the bytes are UTF-8 at all, then which letters they
 * would be.
 */
final class Charsets {
    /** What most text is that is not UTF-8. */
    static final Charset FALLBACK = Charset.forName("windows-1252");

    private static final int SAMPLE = 16 * 1024;
    /** Fewer bytes beyond ASCII say nothing about the alphabet. */
    private static final int FEW_BYTES = 16;

    private static final int CERTAIN = 45;

    /** Those whose text is told from windows-1252 by more than a few signs. */
    private static final Set<String> GUESSED = Set.of(
            "Shift_JIS",
            "EUC-JP",
            "EUC-KR",
            "GB18030",
            "Big5",
            "windows-1251",
            "KOI8-R",
            "ISO-8859-5",
            "ISO-8859-7",
            "windows-1253",
            "windows-1255",
            "ISO-8859-8",
            "windows-1256",
            "ISO-8859-6");

    private Charsets() {}

    /** What bytes are in that are not UTF-8 and of which nobody said what they are in. */
    static Charset guess(byte[] bytes) {
        byte[] sample = bytes.length <= SAMPLE ? bytes : Arrays.copyOf(bytes, SAMPLE);
        int beyondAscii = 0;
        for (byte b : sample) {
            beyondAscii += b < 0 ? 1 : 0;
        }
        if (beyondAscii < FEW_BYTES) {
            return FALLBACK;
        }
        CharsetMatch match = new CharsetDetector().setText(sample).detect();
        return match != null && match.getConfidence() >= CERTAIN && GUESSED.contains(match.getName())
                ? named(match.getName()).orElse(FALLBACK)
                : FALLBACK;
    }

    static String decode(byte[] bytes, Optional<Charset> declared) {
        Charset charset = byteOrderMark(bytes).or(() -> declared).orElse(UTF_8);
        return charset.equals(UTF_8) ? utf8(bytes) : new String(bytes, charset);
    }

    /** The charset of that name, if there is one. */
    static Optional<Charset> named(String name) {
        try {
            return Optional.of(Charset.forName(name));
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            return Optional.empty(); // an unknown name is as good as none: the bytes themselves decide
        }
    }

    static Optional<Charset> byteOrderMark(byte[] bytes) {
        if (startsWith(bytes, 0xEF, 0xBB, 0xBF)) {
            return Optional.of(UTF_8);
        }
        if (startsWith(bytes, 0xFE, 0xFF)) {
            return Optional.of(UTF_16BE);
        }
        return startsWith(bytes, 0xFF, 0xFE) ? Optional.of(UTF_16LE) : Optional.empty();
    }

    static boolean isUtf8(byte[] bytes) {
        try {
            UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    /** Strictly UTF-8, or UTF-8 with a few broken places, or something else. */
    private static String utf8(byte[] bytes) {
        String text = new String(bytes, UTF_8);
        if (isUtf8(bytes)) {
            return text;
        }
        long broken = text.chars().filter(c -> c == '\uFFFD').count();
        long beyondAscii = text.chars().filter(c -> c > 127).count() - broken;
        return broken <= beyondAscii ? text : new String(bytes, guess(bytes));
    }

    private static boolean startsWith(byte[] bytes, int... mark) {
        if (bytes.length < mark.length) {
            return false;
        }
        for (int i = 0; i < mark.length; i++) {
            if ((bytes[i] & 0xFF) != mark[i]) {
                return false;
            }
        }
        return true;
    }
}
