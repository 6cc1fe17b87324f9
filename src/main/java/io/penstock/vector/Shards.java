package io.penstock.vector;

import java.util.List;

/** The shards that a search asks. */
interface Shards {
    /**
     * The answers of those that could answer.
     *
     * @throws io.penstock.error.PenstockException {@code shard.unavailable} when there is nothing to ask
     */
    <R> List<R> ask(IndexQuery<R> query);
}
