package io.penstock.embedding;

/** Turns texts into vectors. May be called from any thread; blocks while the model computes. */
public interface Embedder {
    /** The embedding of a text: {@code float[dimension()]}, unit length. A text beyond the model's limit is truncated. */
    float[] embed(String text) throws InterruptedException;

    int dimension();

    /** Identifies model file, optimisation, runtime and maximum length: vectors of equal fingerprints are comparable. No '#'. */
    String fingerprint();

    /** How many tokens a text has, the special ones included, without truncation. */
    int countTokens(String text);

    /** Tokens that fit into one embedding, the special ones included. */
    int maxTokens();
}
