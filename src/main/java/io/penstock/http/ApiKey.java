package io.penstock.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** The key that callers must show. Never logged; compared in constant time. */
public final class ApiKey {
    private final byte[] key;
    private final String whereItIs;

    /** @param whereItIs tells a caller without the key where to find it */
    public ApiKey(String key, String whereItIs) {
        if (key.isBlank()) {
            throw new IllegalArgumentException("An empty key would let everybody in.");
        }
        this.key = key.getBytes(UTF_8);
        this.whereItIs = whereItIs;
    }

    public boolean matches(@Nullable String presented) {
        return presented != null && MessageDigest.isEqual(key, presented.getBytes(UTF_8));
    }

    public String whereItIs() {
        return whereItIs;
    }

    @Override
    public String toString() {
        return "ApiKey[hidden]";
    }
}
