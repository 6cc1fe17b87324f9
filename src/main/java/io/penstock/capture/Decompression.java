package io.penstock.capture;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/**
 * Undoes content codings. Each layer is bounded by what comes out of it, not by what went in, so that neither one bomb nor one
 * inside another takes more memory or time than the content that is allowed.
 */
final class Decompression {
    /** Nobody compresses more often with good intent. */
    private static final int MOST_LAYERS = 3;

    private Decompression() {}

    /** The content is coded in a way that is not understood. */
    static final class UnknownCodingException extends IOException {
        UnknownCodingException(String codings) {
            super("compressed as '" + codings + "'");
        }
    }

    /** The content is not what its coding says. */
    static final class BrokenCodingException extends IOException {
        BrokenCodingException(IOException cause) {
            super(String.valueOf(cause.getMessage()), cause);
        }
    }

    /**
     * @param codings values of {@code Content-Encoding}, in the order in which they were applied
     * @throws BoundedBody.TooLargeException when a layer holds more than the limit
     * @throws UnknownCodingException for codings that are not understood, or too many
     * @throws BrokenCodingException when the content is not coded so
     */
    static byte[] decoded(byte[] body, List<String> codings, int limitBytes) throws IOException {
        List<String> layers = layers(codings);
        byte[] content = body;
        for (String coding : layers.reversed()) {
            if (content.length == 0) {
                return content;
            }
            content = undone(coding, content, limitBytes);
        }
        return content;
    }

    private static byte[] undone(String coding, byte[] content, int limitBytes) throws IOException {
        try {
            return switch (coding) {
                case "gzip", "x-gzip" -> gunzipped(content, limitBytes);
                case "deflate" -> inflated(content, limitBytes);
                default -> throw new UnknownCodingException(coding);
            };
        } catch (ZipException | EOFException e) {
            throw new BrokenCodingException(e);
        }
    }

    private static List<String> layers(List<String> codings) throws UnknownCodingException {
        List<String> layers = new ArrayList<>();
        for (String value : codings) {
            for (String part : value.split(",", -1)) {
                String coding = part.strip().toLowerCase(Locale.ROOT);
                if (!coding.isEmpty() && !coding.equals("identity")) {
                    layers.add(coding);
                }
            }
        }
        if (layers.size() > MOST_LAYERS) {
            throw new UnknownCodingException(String.join(", ", layers.subList(0, MOST_LAYERS)) + ", ...");
        }
        return layers;
    }

    private static byte[] gunzipped(byte[] content, int limitBytes) throws IOException {
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(content))) {
            return BoundedBody.whole(in, limitBytes);
        }
    }

    private static byte[] inflated(byte[] content, int limitBytes) throws IOException {
        Inflater inflater = new Inflater(!hasZlibHeader(content));
        try (InputStream in = new InflaterInputStream(new ByteArrayInputStream(content), inflater)) {
            return BoundedBody.whole(in, limitBytes);
        } finally {
            inflater.end();
        }
    }

    /** Some servers leave the header away that RFC 9110 wants (section 8.4.1.2). */
    private static boolean hasZlibHeader(byte[] content) {
        return content.length >= 2
                && (content[0] & 0x0f) == 8
                && (((content[0] & 0xff) << 8) | (content[1] & 0xff)) % 31 == 0;
    }
}
