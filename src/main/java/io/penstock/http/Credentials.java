package io.penstock.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds the key in the headers of a request: {@code X-API-Key}, a bearer token, or the password of Basic. */
final class Credentials {
    private Credentials() {}

    static Optional<String> of(@Nullable String apiKeyHeader, @Nullable String authorization) {
        if (apiKeyHeader != null && !apiKeyHeader.isBlank()) {
            return Optional.of(apiKeyHeader.strip());
        }
        if (authorization == null) {
            return Optional.empty();
        }
        String trimmed = authorization.strip();
        int space = trimmed.indexOf(' ');
        if (space < 0) {
            return Optional.empty();
        }
        String credentials = trimmed.substring(space + 1).strip();
        return switch (trimmed.substring(0, space).toLowerCase(Locale.ROOT)) {
            case "bearer" -> Optional.of(credentials);
            case "basic" -> basicPassword(credentials);
            default -> Optional.empty();
        };
    }

    private static Optional<String> basicPassword(String encoded) {
        try {
            String pair = new String(Base64.getDecoder().decode(encoded), UTF_8);
            int colon = pair.indexOf(':');
            return colon < 0 ? Optional.empty() : Optional.of(pair.substring(colon + 1));
        } catch (IllegalArgumentException e) {
            return Optional.of(""); // something was shown, and it is wrong
        }
    }
}
