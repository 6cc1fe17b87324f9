package io.penstock.alert;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.schema.SeenAlert;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.TreeSet;

/** What an alert orders, as a fingerprint: tells whether two alerts order the same and names nothing that may be deleted. */
public final class AlertOrder {
    private AlertOrder() {}

    /** Whether what was seen ordered this. */
    public static boolean isOf(SeenAlert seen, String topic, Collection<String> segments) {
        if (seen.getOrder().isEmpty()) { // remembered by an earlier version
            return seen.getTopic().equals(topic)
                    && new TreeSet<>(seen.getSegmentTargets()).equals(new TreeSet<>(segments));
        }
        return seen.getOrder().equals(fingerprint(topic, segments));
    }

    /** SHA-256 of the topic and the set of segments, in hexadecimal. */
    public static String fingerprint(String topic, Collection<String> segments) {
        try {
            // No name holds a line feed; one that does is no name, and its alert is rejected.
            String order = topic + "\n" + String.join("\n", new TreeSet<>(segments));
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(order.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
