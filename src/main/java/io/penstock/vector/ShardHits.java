package io.penstock.vector;

import java.util.List;

/**
 * The union of a shard's two lists.
 *
 * @param stale whether items that were reported as indexed were not in the view that was searched
 * @param ofOtherModels chunks that were embedded with another model, and are found by their words alone until they are renewed
 */
public record ShardHits(List<Candidate> candidates, boolean stale, int ofOtherModels) {
    public ShardHits {
        candidates = List.copyOf(candidates);
    }

    /**
     * A chunk in one of the lists or both.
     *
     * @param id chunk id
     * @param cosine similarity with the question, whether or not it put the chunk into the list
     * @param bm25 score, or 0 when not in that list
     * @param dense whether it is in the list by cosine
     * @param lexical whether it is in the list by BM25
     */
    public record Candidate(String id, double cosine, double bm25, boolean dense, boolean lexical) {}
}
