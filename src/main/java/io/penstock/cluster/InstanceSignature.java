package io.penstock.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.schema.InstanceEntry;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs entries, so that an instance sends its API key to nobody who cannot know it already, and notices peers with another one.
 * Entries may be read by all who may read Kafka; the signing key is therefore derived slowly, so that a weak API key cannot be
 * guessed from them at leisure. May be used from any thread.
 */
final class InstanceSignature {
    private static final String MAC = "HmacSHA256";
    private static final byte[] SALT = "penstock instance entry".getBytes(UTF_8);
    private static final int ROUNDS = 50_000;
    private static final int KEY_BITS = 256;

    private final SecretKeySpec key;

    InstanceSignature(String apiKey) {
        try {
            this.key = new SecretKeySpec(
                    SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                            .generateSecret(new PBEKeySpec(apiKey.toCharArray(), SALT, ROUNDS, KEY_BITS))
                            .getEncoded(),
                    MAC);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every JDK has PBKDF2", e);
        }
    }

    /** The same entry with its signature. */
    InstanceEntry signed(InstanceEntry entry) {
        return InstanceEntry.newBuilder(entry).setSignature(signature(entry)).build();
    }

    boolean verifies(InstanceEntry entry) {
        return MessageDigest.isEqual(
                signature(entry).getBytes(UTF_8), entry.getSignature().getBytes(UTF_8));
    }

    private String signature(InstanceEntry entry) {
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(key);
            return HexFormat.of().formatHex(mac.doFinal(signedBytes(entry)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every JDK has " + MAC, e);
        }
    }

    /** Each text stands behind its length, so that no two entries are the same bytes. */
    private static byte[] signedBytes(InstanceEntry entry) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            write(out, entry.getInstanceId());
            write(out, entry.getUrl());
            write(out, entry.getRoles());
            write(out, entry.getStores());
            write(out, entry.getTopologies());
            out.writeLong(entry.getAt().toEpochMilli());
            out.writeLong(entry.getSeq());
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, List<String> texts) throws IOException {
        out.writeInt(texts.size());
        for (String text : texts) {
            write(out, text);
        }
    }

    private static void write(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }
}
