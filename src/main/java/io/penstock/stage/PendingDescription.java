package io.penstock.stage;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a pending store says of an entry to people who look into it: what waits, since when, and how often it failed. */
public final class PendingDescription {
    private PendingDescription() {}

    /** @param stored a value read from a pending store */
    public static Map<String, @Nullable Object> of(Object stored) {
        PendingEntry entry = (PendingEntry) stored;
        Map<String, @Nullable Object> description = new LinkedHashMap<>();
        byte[] key = entry.key();
        byte[] value = entry.value();
        description.put("key", key == null ? null : new String(key, UTF_8));
        description.put("seq", entry.seq());
        description.put("failed_attempts", entry.failedAttempts());
        description.put("accepted_at", Instant.ofEpochMilli(entry.acceptedAt()).toString());
        description.put("not_before", Instant.ofEpochMilli(entry.notBefore()).toString());
        description.put("topic", entry.topic());
        description.put("partition", entry.partition());
        description.put("offset", entry.offset());
        description.put("bytes", value == null ? 0 : value.length);
        return description;
    }
}
