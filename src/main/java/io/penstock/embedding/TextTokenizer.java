package io.penstock.embedding;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The tokenizer of a model. May be used from any thread.
 *
 * <p>Nothing is left to the tokenizer's file: the one bundled with all-MiniLM-L6-v2 says to truncate at 128 tokens and to pad to
 * 128. Two instances, because truncation cannot be chosen per call: one cuts at the model's limit, one counts without a limit.
 */
final class TextTokenizer implements AutoCloseable {
    private final HuggingFaceTokenizer truncating;
    private final HuggingFaceTokenizer counting;
    private final ToIntFunction<String> counts;

    private TextTokenizer(HuggingFaceTokenizer truncating, HuggingFaceTokenizer counting, boolean wordsByThemselves) {
        this.truncating = truncating;
        this.counting = counting;
        this.counts = wordsByThemselves ? new WordCounts(this::countWhole)::count : this::countWhole;
    }

    /** @throws PenstockException {@code model.invalid}, naming the file */
    static TextTokenizer open(ModelFiles files, int maxTokens, @Nullable Path nativeFolder) {
        keepToItself(nativeFolder);
        String limit = Integer.toString(maxTokens);
        HuggingFaceTokenizer truncating = load(
                files, Map.of("padding", "false", "truncation", "true", "maxLength", limit, "modelMaxLength", limit));
        try {
            HuggingFaceTokenizer counting = load(files, Map.of("padding", "false", "truncation", "false"));
            return new TextTokenizer(truncating, counting, TokenizerFile.takesWordsByThemselves(files.tokenizer()));
        } catch (RuntimeException e) {
            truncating.close();
            throw e;
        }
    }

    /** Cut at the model's limit, special tokens included. */
    Encoding encode(String text) {
        return truncating.encode(wellFormed(text), true, false);
    }

    /** How many tokens, special ones included, without a limit. */
    int count(String text) {
        return counts.applyAsInt(wellFormed(text));
    }

    private int countWhole(String wellFormed) {
        return counting.encode(wellFormed, true, false).getIds().length;
    }

    @Override
    public void close() {
        truncating.close();
        counting.close();
    }

    /**
     * The native library reads strings as UTF-8, in which half a surrogate pair does not exist. A well-formed text is returned
     * as it is.
     */
    static String wellFormed(String text) {
        int broken = firstUnpaired(text, 0);
        if (broken < 0) {
            return text;
        }
        StringBuilder repaired = new StringBuilder(text);
        while (broken >= 0) {
            repaired.setCharAt(broken, '\uFFFD');
            broken = firstUnpaired(text, broken + 1);
        }
        return repaired.toString();
    }

    private static int firstUnpaired(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (!Character.isSurrogatePair(text.charAt(i), i + 1 < text.length() ? text.charAt(i + 1) : ' ')) {
                    return i;
                }
                i++;
            }
        }
        return -1;
    }

    /** DJL reads these when it first loads its native library; unless told otherwise it counts its users over the network. */
    private static void keepToItself(@Nullable Path nativeFolder) {
        setUnlessSet("OPT_OUT_TRACKING", "true");
        setUnlessSet("ai.djl.offline", "true");
        if (nativeFolder != null) {
            setUnlessSet("ENGINE_CACHE_DIR", nativeFolder.toAbsolutePath().toString());
        }
    }

    private static void setUnlessSet(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    private static HuggingFaceTokenizer load(ModelFiles files, Map<String, String> options) {
        try {
            return HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(files.tokenizer()), options);
        } catch (IOException | RuntimeException e) {
            throw new PenstockException(
                    ErrorCode.MODEL_INVALID,
                    "The tokenizer '" + files.tokenizerName() + "' cannot be loaded: " + e.getMessage()
                            + ". It has to be a tokenizer.json as Hugging Face's tokenizers write it.",
                    e);
        } catch (UnsatisfiedLinkError | ExceptionInInitializerError | NoClassDefFoundError e) {
            throw new PenstockException(
                    ErrorCode.MODEL_INVALID,
                    "The tokenizer's native library cannot be loaded on this platform: " + e + ".",
                    e);
        }
    }
}
