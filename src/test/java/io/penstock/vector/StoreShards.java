package io.penstock.vector;

import io.penstock.kafka.Topics;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.QueryResult;

/** Stores as shards: each is a partition. */
record StoreShards(List<OpenStore> stores) implements Shards, Shards.Session {
    @Override
    public Session begin() {
        return this;
    }

    @Override
    public Set<Integer> all() {
        return Shards.numbered(stores.size());
    }

    @Override
    public <R> ShardAnswers<R> ask(IndexQuery<R> query, Map<Integer, Long> position, Set<Integer> wanted) {
        Map<Integer, R> answers = new TreeMap<>();
        Set<Integer> behind = new TreeSet<>();
        for (int partition : wanted) {
            if (partition >= stores.size()) {
                continue;
            }
            // Each is partition 0 by itself.
            PositionBound bound = position.containsKey(partition)
                    ? PositionBound.at(Position.emptyPosition()
                            .withComponent(Topics.CHUNK, 0, position.getOrDefault(partition, 0L)))
                    : PositionBound.unbounded();
            QueryResult<R> result = stores.get(partition).query(asOfZero(query, partition), bound);
            if (result.isSuccess()) {
                answers.put(partition, result.getResult());
            } else {
                behind.add(partition);
            }
        }
        return new ShardAnswers<>(answers, Set.of(), behind);
    }

    @SuppressWarnings("unchecked") // what is asked for stays what it is
    private static <R> IndexQuery<R> asOfZero(IndexQuery<R> query, int partition) {
        return query instanceof ChunkLookup lookup
                ? (IndexQuery<R>) new ChunkLookup(Map.of(0, lookup.of(partition)))
                : query;
    }
}
