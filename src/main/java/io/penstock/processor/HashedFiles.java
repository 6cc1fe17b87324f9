package io.penstock.processor;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Reads a configuration file and the files it names, and keeps one hash over all of them: it changes when any of them does, and
 * when one that was missing appears. Not for several threads.
 */
public final class HashedFiles {
    /** A configuration file travels as one record of at most 8 MiB, beside what is made of it. */
    static final int MAX_BYTES = 3 * 1024 * 1024;

    private final MessageDigest digest;

    public HashedFiles() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    /**
     * The bytes of a file.
     *
     * @throws NoSuchFileException when there is none
     * @throws PenstockException {@code config.invalid} when it is too large to be a configuration
     */
    public byte[] read(Path file) throws IOException {
        digest.update(file.getFileName().toString().getBytes(UTF_8));
        digest.update((byte) 0);
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(file.toString());
        }
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        }
        digest.update(bytes);
        digest.update((byte) 1);
        if (bytes.length > MAX_BYTES) {
            throw new PenstockException(
                    ErrorCode.CONFIG_INVALID,
                    "The file " + file + " is larger than " + MAX_BYTES + " bytes; split it into several files.");
        }
        return bytes;
    }

    /** SHA-256, in hexadecimal, of all that was read so far. */
    public String hash() {
        try {
            return HexFormat.of().formatHex(((MessageDigest) digest.clone()).digest());
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("SHA-256 of the platform can be cloned", e);
        }
    }
}
