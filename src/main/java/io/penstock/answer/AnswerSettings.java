package io.penstock.answer;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What answers questions and writes analyses.
 *
 * @param kind extractive, or a language model behind an OpenAI-compatible endpoint
 * @param model name of the language model, as the endpoint knows it
 * @param baseUrl address of the endpoint, up to and without {@code /chat/completions}
 * @param apiKey key of the endpoint; never logged
 * @param connectTimeout how long a connection may take
 * @param timeout how long one completion may take, the connection included
 */
public record AnswerSettings(
        Kind kind, String model, URI baseUrl, @Nullable String apiKey, Duration connectTimeout, Duration timeout) {
    public static final String DEFAULT_BASE_URL = "https://api.openai.com/v1";
    public static final String DEFAULT_MODEL = "gpt-4o-mini";
    public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(5);
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(25);

    /** What answers. */
    public enum Kind {
        EXTRACTIVE,
        OPENAI
    }

    /** The default: no language model. */
    public static AnswerSettings extractive() {
        return new AnswerSettings(
                Kind.EXTRACTIVE,
                DEFAULT_MODEL,
                URI.create(DEFAULT_BASE_URL),
                null,
                DEFAULT_CONNECT_TIMEOUT,
                DEFAULT_TIMEOUT);
    }

    /**
     * Settings from {@code PENSTOCK_LLM}, {@code PENSTOCK_LLM_MODEL}, {@code OPENAI_BASE_URL} and {@code OPENAI_API_KEY}.
     *
     * @param variables value of a variable, or null when it is not set
     * @throws PenstockException {@code config.invalid}, naming the variable
     */
    public static AnswerSettings from(Function<String, @Nullable String> variables) {
        String kind = value(variables, "PENSTOCK_LLM", "extractive");
        return new AnswerSettings(
                switch (kind.toLowerCase(Locale.ROOT)) {
                    case "extractive" -> Kind.EXTRACTIVE;
                    case "openai" -> Kind.OPENAI;
                    default ->
                        throw new PenstockException(
                                ErrorCode.CONFIG_INVALID,
                                "PENSTOCK_LLM is '" + kind + "'; set it to extractive or openai.");
                },
                value(variables, "PENSTOCK_LLM_MODEL", DEFAULT_MODEL),
                baseUrl(value(variables, "OPENAI_BASE_URL", DEFAULT_BASE_URL)),
                blankToNull(variables.apply("OPENAI_API_KEY")),
                DEFAULT_CONNECT_TIMEOUT,
                DEFAULT_TIMEOUT);
    }

    /** The same with other timeouts. */
    public AnswerSettings withTimeouts(Duration newConnectTimeout, Duration newTimeout) {
        return new AnswerSettings(kind, model, baseUrl, apiKey, newConnectTimeout, newTimeout);
    }

    /** The endpoint for messages: host and port. */
    String host() {
        return baseUrl.getPort() < 0 ? baseUrl.getHost() : baseUrl.getHost() + ":" + baseUrl.getPort();
    }

    @Override
    public String toString() {
        return "AnswerSettings[" + kind + ", model=" + model + ", host=" + host() + ", key "
                + (apiKey == null ? "missing" : "set") + ", timeout=" + timeout + "]";
    }

    private static String value(Function<String, @Nullable String> variables, String name, String otherwise) {
        String value = blankToNull(variables.apply(name));
        return value == null ? otherwise : value;
    }

    private static @Nullable String blankToNull(@Nullable String value) {
        return value == null || value.isBlank() ? null : value.strip();
    }

    private static URI baseUrl(String value) {
        try {
            URI uri = URI.create(value.endsWith("/") ? value.substring(0, value.length() - 1) : value);
            boolean http = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            if (http && uri.getHost() != null && uri.getUserInfo() == null) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // reported below, together with addresses that parse but cannot be used; the value may hold a password
        }
        throw new PenstockException(
                ErrorCode.CONFIG_INVALID,
                "OPENAI_BASE_URL is not an http or https address without user name; an example is " + DEFAULT_BASE_URL
                        + ".");
    }
}
