package io.penstock.answer;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What answers questions and writes analyses.
 *
 * @param kind extractive, a language model behind an OpenAI-compatible endpoint, or the questions themselves
 * @param model name of the language model, as the endpoint knows it
 * @param baseUrl address of the endpoint, up to and without {@code /chat/completions}
 * @param apiKey key of the endpoint; never logged
 * @param connectTimeout how long a connection may take
 * @param stallTimeout how long the endpoint may send nothing, before the answer begins or in it
 * @param timeout how long one completion may take, the connection included
 * @param concurrency analyses that are asked for at once by one instance
 */
public record AnswerSettings(
        Kind kind,
        String model,
        URI baseUrl,
        @Nullable String apiKey,
        Duration connectTimeout,
        Duration stallTimeout,
        Duration timeout,
        int concurrency) {
    public static final String DEFAULT_BASE_URL = "https://api.openai.com/v1";
    public static final String DEFAULT_MODEL = "gpt-4o-mini";
    public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(5);
    public static final Duration DEFAULT_STALL_TIMEOUT = Duration.ofSeconds(30);
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);
    public static final int DEFAULT_CONCURRENCY = 8;

    private static final int LONGEST_TIMEOUT_SECONDS = 600;
    private static final int LARGEST_CONCURRENCY = 1000;

    /** What answers. */
    public enum Kind {
        EXTRACTIVE,
        OPENAI,
        /** A diagnostic: each question is its own answer, and there are no analyses. */
        ECHO;

        /** The kind of that name, in either case. */
        public static Optional<Kind> named(String name) {
            return switch (name.toLowerCase(Locale.ROOT)) {
                case "extractive" -> Optional.of(EXTRACTIVE);
                case "openai" -> Optional.of(OPENAI);
                case "echo" -> Optional.of(ECHO);
                default -> Optional.empty();
            };
        }
    }

    /** The default: no language model. */
    public static AnswerSettings extractive() {
        return from(variable -> null);
    }

    /**
     * Settings from {@code PENSTOCK_LLM}, {@code PENSTOCK_LLM_MODEL}, {@code OPENAI_BASE_URL}, {@code OPENAI_API_KEY},
     * {@code PENSTOCK_LLM_TIMEOUT_SECONDS}, {@code PENSTOCK_LLM_STALL_SECONDS} and {@code PENSTOCK_LLM_CONCURRENCY}.
     *
     * @param variables value of a variable, or null when it is not set
     * @throws PenstockException {@code config.invalid}, naming the variable
     */
    public static AnswerSettings from(Function<String, @Nullable String> variables) {
        String kind = value(variables, "PENSTOCK_LLM", "extractive");
        return new AnswerSettings(
                Kind.named(kind)
                        .orElseThrow(
                                () -> invalid("PENSTOCK_LLM is '" + kind + "'; set it to extractive, openai or echo.")),
                value(variables, "PENSTOCK_LLM_MODEL", DEFAULT_MODEL),
                baseUrl(value(variables, "OPENAI_BASE_URL", DEFAULT_BASE_URL)),
                apiKey(blankToNull(variables.apply("OPENAI_API_KEY"))),
                DEFAULT_CONNECT_TIMEOUT,
                seconds(variables, "PENSTOCK_LLM_STALL_SECONDS", DEFAULT_STALL_TIMEOUT),
                seconds(variables, "PENSTOCK_LLM_TIMEOUT_SECONDS", DEFAULT_TIMEOUT),
                number(variables, "PENSTOCK_LLM_CONCURRENCY", DEFAULT_CONCURRENCY, LARGEST_CONCURRENCY));
    }

    /** The same with other timeouts. */
    public AnswerSettings withTimeouts(Duration newConnectTimeout, Duration newStallTimeout, Duration newTimeout) {
        return new AnswerSettings(
                kind, model, baseUrl, apiKey, newConnectTimeout, newStallTimeout, newTimeout, concurrency);
    }

    /** The endpoint for messages: host and port. */
    String host() {
        return baseUrl.getPort() < 0 ? baseUrl.getHost() : baseUrl.getHost() + ":" + baseUrl.getPort();
    }

    @Override
    public String toString() {
        return "AnswerSettings[" + kind + ", model=" + model + ", host=" + host() + ", key "
                + (apiKey == null ? "missing" : "set") + ", stall=" + stallTimeout + ", timeout=" + timeout
                + ", concurrency=" + concurrency + "]";
    }

    private static PenstockException invalid(String what) {
        return new PenstockException(ErrorCode.CONFIG_INVALID, what);
    }

    private static String value(Function<String, @Nullable String> variables, String name, String otherwise) {
        String value = blankToNull(variables.apply(name));
        return value == null ? otherwise : value;
    }

    private static @Nullable String blankToNull(@Nullable String value) {
        return value == null || value.isBlank() ? null : value.strip();
    }

    private static Duration seconds(Function<String, @Nullable String> variables, String name, Duration standard) {
        return Duration.ofSeconds(number(variables, name, (int) standard.toSeconds(), LONGEST_TIMEOUT_SECONDS));
    }

    private static int number(Function<String, @Nullable String> variables, String name, int standard, int most) {
        String text = blankToNull(variables.apply(name));
        if (text == null) {
            return standard;
        }
        if (!text.matches("[0-9]{1,6}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > most) {
            throw invalid(name + " is a whole number from 1 to " + most + ", not '" + text + "'.");
        }
        return Integer.parseInt(text);
    }

    /** The HTTP client would refuse such a key with a message that quotes it. */
    private static @Nullable String apiKey(@Nullable String key) {
        if (key != null && key.chars().anyMatch(c -> c <= ' ' || c > '~')) {
            throw invalid("OPENAI_API_KEY holds a blank, a line break or a character that no key has;"
                    + " was something pasted with it?");
        }
        return key;
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
        throw invalid("OPENAI_BASE_URL is not an http or https address without user name; an example is "
                + DEFAULT_BASE_URL + ".");
    }
}
