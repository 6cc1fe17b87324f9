package io.penstock.embedding;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which model embeds, and with how much of the machine.
 *
 * @param model path of a {@code model.onnx}; null takes the bundled all-MiniLM-L6-v2. Given with {@code tokenizer} or not at all
 * @param tokenizer path of the {@code tokenizer.json} that belongs to it
 * @param sessions model sessions, each with a thread of its own: how many texts are embedded at once
 * @param ingestionSessions how many of them documents may occupy at once; the others are kept for questions
 * @param maxTokens tokens of a text that are embedded, the special ones included; what is beyond is cut off
 * @param rememberedMib MiB for vectors of questions' texts that are kept so that they need not be embedded again; 0 for none
 * @param nativeFolder where the tokenizer's native library is unpacked; null leaves that to the library (the user's home folder)
 */
public record EmbeddingSettings(
        @Nullable Path model,
        @Nullable Path tokenizer,
        int sessions,
        int ingestionSessions,
        int maxTokens,
        int rememberedMib,
        @Nullable Path nativeFolder) {
    static final String MODEL = "PENSTOCK_EMBEDDING_MODEL";
    static final String TOKENIZER = "PENSTOCK_EMBEDDING_TOKENIZER";
    static final String SESSIONS = "PENSTOCK_EMBEDDING_SESSIONS";
    static final String INGESTION_SESSIONS = "PENSTOCK_EMBEDDING_INGESTION_SESSIONS";
    static final String MAX_TOKENS = "PENSTOCK_EMBEDDING_MAX_TOKENS";

    static final String REMEMBERED_MIB = "PENSTOCK_EMBEDDING_REMEMBERED_MIB";

    private static final int STANDARD_TOKENS = 512;
    private static final int LEAST_TOKENS = 32;
    private static final int MOST_TOKENS = 8192;
    private static final int MOST_SESSIONS = 256;
    /** Some ten thousand vectors of 384 dimensions: the sentences of a few thousand passages. */
    private static final int STANDARD_REMEMBERED = 16;

    private static final int MOST_REMEMBERED = 4096;

    /** @throws PenstockException {@code config.invalid} when the numbers contradict each other */
    public EmbeddingSettings {
        if (sessions < 1
                || ingestionSessions < 1
                || ingestionSessions > sessions
                || maxTokens < LEAST_TOKENS
                || rememberedMib < 0) {
            throw invalid("An embedder needs at least 1 session, of which documents may occupy at least 1, and "
                    + LEAST_TOKENS + " tokens, and remembers at least nothing; got " + sessions + ", "
                    + ingestionSessions
                    + ", " + maxTokens + " and " + rememberedMib + " MiB.");
        }
    }

    /** The bundled model, one session for each core, all of them for documents too, 512 tokens, and 16 MiB of memory. */
    public static EmbeddingSettings defaults() {
        int cores = Runtime.getRuntime().availableProcessors();
        return new EmbeddingSettings(null, null, cores, cores, STANDARD_TOKENS, STANDARD_REMEMBERED, null);
    }

    /**
     * Settings from the variables named {@code PENSTOCK_EMBEDDING_*}.
     *
     * @param variables value of a variable, or null when it is not set
     * @throws PenstockException {@code config.invalid}, naming the variable
     */
    public static EmbeddingSettings from(Function<String, @Nullable String> variables) {
        Path model = path(variables, MODEL);
        Path tokenizer = path(variables, TOKENIZER);
        if ((model == null) != (tokenizer == null)) {
            throw invalid((model == null ? TOKENIZER : MODEL) + " is set and " + (model == null ? MODEL : TOKENIZER)
                    + " is not: a model of your own needs both files. Set both, or none to use the bundled model.");
        }
        int cores = Math.min(Runtime.getRuntime().availableProcessors(), MOST_SESSIONS);
        int sessions = number(variables, SESSIONS, cores, 1, MOST_SESSIONS, "");
        return new EmbeddingSettings(
                model,
                tokenizer,
                sessions,
                number(
                        variables,
                        INGESTION_SESSIONS,
                        sessions,
                        1,
                        sessions,
                        ", the number of sessions that there are (" + SESSIONS + ")"),
                number(variables, MAX_TOKENS, STANDARD_TOKENS, LEAST_TOKENS, MOST_TOKENS, ""),
                number(variables, REMEMBERED_MIB, STANDARD_REMEMBERED, 0, MOST_REMEMBERED, ""),
                null);
    }

    public EmbeddingSettings withModel(Path newModel, Path newTokenizer) {
        return new EmbeddingSettings(
                newModel, newTokenizer, sessions, ingestionSessions, maxTokens, rememberedMib, nativeFolder);
    }

    /** So many sessions, all of them for documents too. */
    public EmbeddingSettings withSessions(int value) {
        return new EmbeddingSettings(model, tokenizer, value, value, maxTokens, rememberedMib, nativeFolder);
    }

    public EmbeddingSettings withIngestionSessions(int value) {
        return new EmbeddingSettings(model, tokenizer, sessions, value, maxTokens, rememberedMib, nativeFolder);
    }

    public EmbeddingSettings withMaxTokens(int value) {
        return new EmbeddingSettings(model, tokenizer, sessions, ingestionSessions, value, rememberedMib, nativeFolder);
    }

    public EmbeddingSettings withRememberedMib(int value) {
        return new EmbeddingSettings(model, tokenizer, sessions, ingestionSessions, maxTokens, value, nativeFolder);
    }

    public EmbeddingSettings withNativeFolder(Path value) {
        return new EmbeddingSettings(model, tokenizer, sessions, ingestionSessions, maxTokens, rememberedMib, value);
    }

    private static @Nullable Path path(Function<String, @Nullable String> variables, String name) {
        String text = value(variables, name);
        try {
            return text == null ? null : Path.of(text);
        } catch (InvalidPathException e) {
            throw new PenstockException(ErrorCode.CONFIG_INVALID, name + " is no path: " + e.getMessage() + ".", e);
        }
    }

    private static int number(
            Function<String, @Nullable String> variables,
            String name,
            int standard,
            int least,
            int most,
            String whatMostIs) {
        String text = value(variables, name);
        if (text == null) {
            return standard;
        }
        if (!text.matches("[0-9]{1,9}") || Integer.parseInt(text) < least || Integer.parseInt(text) > most) {
            throw invalid(
                    name + " is a whole number from " + least + " to " + most + whatMostIs + ", not '" + text + "'.");
        }
        return Integer.parseInt(text);
    }

    private static @Nullable String value(Function<String, @Nullable String> variables, String name) {
        String value = variables.apply(name);
        return value == null || value.isBlank() ? null : value.strip();
    }

    private static PenstockException invalid(String what) {
        return new PenstockException(ErrorCode.CONFIG_INVALID, what);
    }
}
