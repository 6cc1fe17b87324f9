package io.penstock.vector;

import java.io.IOException;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.query.FailureReason;
import org.apache.kafka.streams.query.KeyQuery;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.Query;
import org.apache.kafka.streams.query.QueryResult;
import org.apache.kafka.streams.query.RangeQuery;
import org.apache.kafka.streams.query.ResultOrder;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.store.AlreadyClosedException;
import org.jspecify.annotations.Nullable;

/**
 * The interactive queries of one store. None of them refreshes the index; one that must see more than the current view shows
 * asks the maintenance thread and waits for it, within a limit.
 *
 * <p>Threading: any thread.
 */
final class ShardQueries {
    private final LuceneVectorStore store;
    private final VectorIndexSettings settings;
    private final VectorIndexActivity activity;
    private final ShardSearch search;

    ShardQueries(
            LuceneVectorStore store, VectorIndexSettings settings, VectorIndexActivity activity, ShardSearch search) {
        this.store = store;
        this.settings = settings;
        this.activity = activity;
        this.search = search;
    }

    <R> QueryResult<R> answer(Query<R> query, PositionBound bound) {
        LuceneIndex index = store.index();
        if (index == null) {
            return QueryResult.forFailure(FailureReason.NOT_PRESENT, "The store is closed.");
        }
        if (!(query instanceof IndexQuery<?> || query instanceof KeyQuery<?, ?> || query instanceof RangeQuery<?, ?>)) {
            return QueryResult.forUnknownQueryType(query, store);
        }
        int partition = store.task().partition();
        long required = required(bound, partition);
        if (index.position() < required) {
            return QueryResult.notUpToBound(store.getPosition(), bound, partition);
        }
        long completed = query instanceof ChunkQuery ? activity.completedItems(store.task()) : 0;
        try {
            index.await(view -> view.offset() >= required && view.completed() >= completed, settings.completedWait());
            // Read before a searcher is taken, which therefore shows at least this much.
            IndexView view = index.visible();
            if (view.offset() < required) {
                return QueryResult.notUpToBound(store.position(view.offset()), bound, partition);
            }
            QueryResult<R> result = cast(answer(index, query, view.completed() < completed));
            result.setPosition(store.position(view.offset()));
            return result;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return QueryResult.forFailure(FailureReason.STORE_EXCEPTION, "The query was interrupted.");
        } catch (IOException | ProcessorStateException e) {
            return QueryResult.forFailure(FailureReason.STORE_EXCEPTION, "The index cannot be read: " + e);
        } catch (AlreadyClosedException e) {
            return QueryResult.forFailure(FailureReason.NOT_PRESENT, "The store was closed meanwhile.");
        }
    }

    private long required(PositionBound bound, int partition) {
        return bound.isUnbounded()
                ? -1
                : bound.position().getPartitionPositions(settings.sourceTopic()).getOrDefault(partition, -1L);
    }

    private QueryResult<?> answer(LuceneIndex index, Query<?> query, boolean stale) throws IOException {
        if (query instanceof IndexQuery<?> own) {
            IndexSearcher searcher = index.acquire();
            try {
                return switch (own) {
                    case ChunkQuery chunks -> QueryResult.forResult(search.search(searcher, chunks, stale));
                    case CorpusQuery corpus -> QueryResult.forResult(search.statistics(searcher, corpus));
                    case ChunkLookup lookup ->
                        QueryResult.forResult(
                                search.lookup(searcher, lookup.of(store.task().partition())));
                };
            } finally {
                index.release(searcher);
            }
        }
        if (query instanceof KeyQuery<?, ?> key) {
            return present(store.get((Bytes) key.getKey()));
        }
        return QueryResult.forResult(range((RangeQuery<?, ?>) query));
    }

    @SuppressWarnings("NullAway") // a key query's result is null when the key does not exist
    private static QueryResult<byte[]> present(byte @Nullable [] value) {
        return QueryResult.forResult(value);
    }

    private KeyValueIterator<Bytes, byte[]> range(RangeQuery<?, ?> query) {
        Bytes from = (Bytes) query.getLowerBound().orElse(null);
        Bytes to = (Bytes) query.getUpperBound().orElse(null);
        return query.resultOrder() == ResultOrder.DESCENDING ? store.reverseRange(from, to) : store.range(from, to);
    }

    @SuppressWarnings("unchecked") // each query type fixes the type of its result
    private static <R> QueryResult<R> cast(QueryResult<?> result) {
        return (QueryResult<R>) result;
    }
}
