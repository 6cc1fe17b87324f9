package io.penstock.serde;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Who asks a registry, from Confluent's setting names, as the value of the header {@code Authorization}. */
final class RegistryCredentials {
    private static final String BASIC_SOURCE = "basic.auth.credentials.source";
    private static final String USER_INFO = "basic.auth.user.info";
    private static final String BEARER_SOURCE = "bearer.auth.credentials.source";
    private static final String TOKEN = "bearer.auth.token";

    private RegistryCredentials() {}

    /**
     * The header for one URL; null when nobody is named.
     *
     * @throws io.penstock.error.PenstockException {@code config.invalid} when the settings name a source and not what it needs
     */
    static @Nullable String of(URI uri, RegistrySettings settings) {
        String bearer = bearer(settings);
        if (bearer != null) {
            return bearer;
        }
        String source = settings.text(BASIC_SOURCE);
        String user = switch (source == null ? "" : source) {
            // Without a source, credentials in a URL are meant before those beside it.
            case "" -> uri.getUserInfo() == null ? settings.text(USER_INFO) : uri.getUserInfo();
            case "URL" -> uri.getUserInfo();
            case "USER_INFO" -> required(settings, USER_INFO, BASIC_SOURCE + "=USER_INFO");
            default ->
                throw RegistrySettings.invalid(BASIC_SOURCE + " is " + source + "; known are URL and USER_INFO.");
        };
        return user == null ? null : "Basic " + Base64.getEncoder().encodeToString(user.getBytes(UTF_8));
    }

    private static @Nullable String bearer(RegistrySettings settings) {
        String source = settings.text(BEARER_SOURCE);
        if (source == null) {
            String token = settings.text(TOKEN);
            return token == null ? null : "Bearer " + token;
        }
        if (!source.equals("STATIC_TOKEN")) {
            throw RegistrySettings.invalid(BEARER_SOURCE + " is " + source + "; known is STATIC_TOKEN.");
        }
        return "Bearer " + required(settings, TOKEN, BEARER_SOURCE + "=STATIC_TOKEN");
    }

    private static String required(RegistrySettings settings, String name, String because) {
        String value = settings.text(name);
        if (value == null) {
            throw RegistrySettings.invalid(because + " needs " + name + ", which is not set.");
        }
        return value;
    }
}
