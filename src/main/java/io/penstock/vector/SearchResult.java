package io.penstock.vector;

import java.util.List;

/**
 * What a search found.
 *
 * @param hits best first
 * @param asked shards that hold the index
 * @param answered shards among them that answered
 * @param stale shards among those that a copy answered for, or that answered from a view that lacked items already reported as
 *     indexed: they may lack what came last
 * @param renewing chunks that were embedded with another model, and are found by their words alone until they are renewed
 */
public record SearchResult(List<SearchHit> hits, int asked, int answered, int stale, int renewing) {
    public SearchResult {
        hits = List.copyOf(hits);
    }

    /** When all chunks are of the model that questions are embedded with. */
    public SearchResult(List<SearchHit> hits, int asked, int answered, int stale) {
        this(hits, asked, answered, stale, 0);
    }
}
