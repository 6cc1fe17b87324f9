package io.penstock.vector;

/** Finds passages. May be called from any thread; blocks while the question is embedded and the shards are asked. */
public interface Retriever {
    /**
     * The best passages for a question. Fewer shards may have answered than were asked; the result says so.
     *
     * @throws io.penstock.error.PenstockException {@code shard.unavailable} when no shard answered
     */
    SearchResult search(SearchRequest request) throws InterruptedException;
}
