package io.penstock.vector;

/** How a search ranks. */
public enum SearchMode {
    /** By the cosine of question and passage. */
    DENSE,
    /** By BM25 over label, title and text. */
    LEXICAL,
    /** By a weighted fusion of both. */
    HYBRID
}
