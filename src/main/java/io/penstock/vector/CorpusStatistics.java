package io.penstock.vector;

import java.util.HashMap;
import java.util.Map;

/**
 * What BM25 needs to know of a collection.
 *
 * @param documents documents, deleted ones that are not merged away included
 * @param documentsWithText those that have any term
 * @param tokens occurrences of all terms
 * @param postings pairs of a term and a document
 * @param terms the terms that were asked for
 */
public record CorpusStatistics(
        long documents, long documentsWithText, long tokens, long postings, Map<String, TermCount> terms) {
    public static final CorpusStatistics EMPTY = new CorpusStatistics(0, 0, 0, 0, Map.of());

    /** How many documents hold a term, and how often in all. */
    public record TermCount(long documents, long occurrences) {
        static final TermCount NONE = new TermCount(0, 0);

        TermCount plus(TermCount other) {
            return new TermCount(documents + other.documents, occurrences + other.occurrences);
        }
    }

    public CorpusStatistics {
        terms = Map.copyOf(terms);
    }

    /** Both collections together. */
    public CorpusStatistics plus(CorpusStatistics other) {
        Map<String, TermCount> sum = new HashMap<>(terms);
        other.terms.forEach((term, count) -> sum.merge(term, count, TermCount::plus));
        return new CorpusStatistics(
                documents + other.documents,
                documentsWithText + other.documentsWithText,
                tokens + other.tokens,
                postings + other.postings,
                sum);
    }
}
