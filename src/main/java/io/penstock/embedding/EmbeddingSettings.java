package io.penstock.embedding;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Which model embeds, and with how much of the machine.
 *
 * @param model path of a {@code model.onnx}; null takes the bundled all-MiniLM-L6-v2. Given with {@code tokenizer} or not at all
 * @param tokenizer path of the {@code tokenizer.json} that belongs to it
 * @param sessions model sessions, each with a thread of its own: how many texts are embedded at once
 * @param maxTokens tokens of a text that are embedded, the special ones included; what is beyond is cut off
 * @param nativeFolder where the tokenizer's native library is unpacked; null leaves that to the library (the user's home folder)
 */
public record EmbeddingSettings(
        @Nullable Path model,
        @Nullable Path tokenizer,
        int sessions,
        int maxTokens,
        @Nullable Path nativeFolder) {
    private static final int MAX_TOKENS = 512;

    /** The bundled model, one session for each core, 512 tokens. */
    public static EmbeddingSettings defaults() {
        return new EmbeddingSettings(null, null, Runtime.getRuntime().availableProcessors(), MAX_TOKENS, null);
    }

    public EmbeddingSettings withModel(Path newModel, Path newTokenizer) {
        return new EmbeddingSettings(newModel, newTokenizer, sessions, maxTokens, nativeFolder);
    }

    public EmbeddingSettings withSessions(int value) {
        return new EmbeddingSettings(model, tokenizer, value, maxTokens, nativeFolder);
    }

    public EmbeddingSettings withMaxTokens(int value) {
        return new EmbeddingSettings(model, tokenizer, sessions, value, nativeFolder);
    }

    public EmbeddingSettings withNativeFolder(Path value) {
        return new EmbeddingSettings(model, tokenizer, sessions, maxTokens, value);
    }
}
