package io.penstock.mirror;

/** Where a search looks. */
public enum SearchSource {
    /** In the local index alone. */
    LOCAL,
    /** In Pinecone, where vectors decide. */
    PINECONE,
    /** In both. */
    MERGED
}
