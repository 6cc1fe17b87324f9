package io.penstock.vector;

import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The shards that a search asks. */
interface Shards {
    /** Begins a search, of one thread. What did not answer one of its questions is not waited for at the next. */
    Session begin();

    /** The partitions of a Kafka topic that has so many. */
    static Set<Integer> numbered(int partitions) {
        return IntStream.range(0, partitions).boxed().collect(Collectors.toUnmodifiableSet());
    }

    /** The questions of one search. */
    interface Session {
        /** The partitions that a full answer needs. */
        Set<Integer> all();

        /**
         * The answers of those that could answer.
         *
         * @param position offsets that a shard must have reached to answer, by partition
         * @param wanted the partitions that are asked
         * @throws io.penstock.error.PenstockException {@code shard.unavailable} when there is nothing to ask
         */
        <R> ShardAnswers<R> ask(IndexQuery<R> query, Map<Integer, Long> position, Set<Integer> wanted);

        /** The same, of all partitions. */
        default <R> ShardAnswers<R> ask(IndexQuery<R> query, Map<Integer, Long> position) {
            return ask(query, position, all());
        }

        /** The same, wherever they are. */
        default <R> ShardAnswers<R> ask(IndexQuery<R> query) {
            return ask(query, Map.of());
        }
    }
}
