package io.penstock.capture;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Makes the item of a record out of the value of its entry and its own key: {@code value/key}. In the key {@code %} and {@code /}
 * are percent-encoded, so the last slash is always the one between them, and no other value and key make the same item.
 */
final class ItemKeys {
    /** A longer key becomes its hash; it would not fit into keys of Kafka and addresses. */
    private static final int LONGEST = 512;

    private ItemKeys() {}

    static String item(String value, String key) {
        return value + "/" + encoded(key.length() > LONGEST ? sha256(key) : key);
    }

    private static String encoded(String key) {
        StringBuilder encoded = new StringBuilder(key.length() + 16);
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            if (c == '%' || c == '/' || Character.isISOControl(c)) {
                encoded.append(Template.urlEncoded(String.valueOf(c)));
            } else {
                encoded.append(c);
            }
        }
        return encoded.toString();
    }

    static String sha256(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
