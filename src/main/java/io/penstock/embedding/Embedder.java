package io.penstock.embedding;

import java.util.ArrayList;
import java.util.List;

/** Turns texts into vectors. May be called from any thread; blocks while the model computes. */
public interface Embedder {
    /** The embedding of a text: {@code float[dimension()]}, unit length. A text beyond the model's limit is truncated. */
    float[] embed(String text) throws InterruptedException;

    /**
     * The embeddings of texts that belong together, such as the sentences of one question, in the order of the texts. They may be
     * embedded at the same time, and each vector is the one that {@link #embed} gives.
     */
    default List<float[]> embedAll(List<String> texts) throws InterruptedException {
        List<float[]> vectors = new ArrayList<>(texts.size());
        for (String text : texts) {
            vectors.add(embed(text));
        }
        return vectors;
    }

    int dimension();

    /** Identifies model file, optimisation, runtime and maximum length: vectors of equal fingerprints are comparable. No '#'. */
    String fingerprint();

    /** How many tokens a text has, the special ones included, without truncation. */
    int countTokens(String text);

    /** Tokens that fit into one embedding, the special ones included. */
    int maxTokens();
}
