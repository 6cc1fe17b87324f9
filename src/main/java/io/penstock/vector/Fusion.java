package io.penstock.vector;

/** How a hybrid search makes one order of two lists. */
public enum Fusion {
    /** By the sum of what cosine and BM25 are worth beside the best of their lists. */
    WEIGHTED,
    /** By the places in both lists alone (reciprocal rank fusion). */
    RANK
}
