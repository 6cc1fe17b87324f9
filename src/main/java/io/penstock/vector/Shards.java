package io.penstock.vector;

import java.util.Map;

/** The shards that a search asks. */
interface Shards {
    /** Begins a search, of one thread. What did not answer one of its questions is not waited for at the next. */
    Session begin();

    /** The questions of one search. */
    interface Session {
        /**
         * The answers of those that could answer.
         *
         * @param position offsets that a shard must have reached to answer, by partition
         * @throws io.penstock.error.PenstockException {@code shard.unavailable} when there is nothing to ask
         */
        <R> ShardAnswers<R> ask(IndexQuery<R> query, Map<Integer, Long> position);

        default <R> ShardAnswers<R> ask(IndexQuery<R> query) {
            return ask(query, Map.of());
        }
    }
}
