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
 */
public record SearchResult(List<SearchHit> hits, int asked, int answered, int stale) {
    public SearchResult {
        hits = List.copyOf(hits);
    }
}
