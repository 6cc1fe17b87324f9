package io.penstock.enrich;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 over parts, each preceded by its length, so that no two lists of parts run into one. */
final class Fingerprint {
    private final MessageDigest digest;

    private Fingerprint(MessageDigest digest) {
        this.digest = digest;
    }

    /** @param version changes whenever equal parts no longer mean an equal result */
    static Fingerprint version(String version) {
        try {
            return new Fingerprint(MessageDigest.getInstance("SHA-256")).and(version);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has SHA-256
        }
    }

    Fingerprint and(String part) {
        return and(ByteBuffer.wrap(part.getBytes(UTF_8)));
    }

    /** Leaves position and limit of the buffer as they are. */
    Fingerprint and(ByteBuffer part) {
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, part.remaining()));
        digest.update(part.duplicate());
        return this;
    }

    String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
