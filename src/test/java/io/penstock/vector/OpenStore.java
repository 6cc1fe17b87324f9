package io.penstock.vector;

import static io.penstock.vector.Chunks.key;
import static io.penstock.vector.Chunks.value;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.kafka.Topics;
import io.penstock.schema.Chunk;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.Query;
import org.apache.kafka.streams.query.QueryConfig;
import org.apache.kafka.streams.query.QueryResult;
import org.apache.kafka.streams.state.KeyValueIterator;

/** A store of partition 0 in a folder, opened, with what surrounds it. */
final class OpenStore implements AutoCloseable {
    static final TopicPartition PARTITION = new TopicPartition(Topics.CHUNK, 0);
    static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");

    /** Refreshes so rarely by itself that a test sees who asked for one. */
    static final VectorIndexSettings LAZY = new VectorIndexSettings(
            Chunks.MODEL,
            Topics.CHUNK,
            Duration.ofHours(1),
            Duration.ofSeconds(10),
            Duration.ofHours(1),
            Duration.ofDays(7),
            16,
            TextAnalysis.ENGLISH);

    final VectorIndexActivity activity = new VectorIndexActivity();
    final StoreContext context;
    final LuceneVectorStore store;
    private long nextOffset;

    OpenStore(Path folder) {
        this(folder, VectorIndexSettings.forModel(Chunks.MODEL), () -> NOW);
    }

    OpenStore(Path folder, VectorIndexSettings settings, InstantSource clock) {
        context = new StoreContext(0, folder);
        store = new LuceneVectorStore(
                "vector-index",
                settings,
                Chunks.CODEC,
                clock,
                activity,
                new QuestionTerms(TextAnalysis.analyzer(settings.analyzer())),
                PatientMerges.turns());
        store.init(context, store);
    }

    OpenStore put(String id, Chunk chunk) {
        context.at(nextOffset++);
        store.put(key(id), value(chunk));
        return this;
    }

    void delete(String id) {
        context.at(nextOffset++);
        store.put(key(id), null);
    }

    /** Commits everything that was put. */
    void commit() {
        store.commit(Map.of(PARTITION, nextOffset - 1));
    }

    Chunk get(String id) {
        byte[] value = store.get(key(id));
        if (value == null) {
            throw new AssertionError("There is no chunk " + id);
        }
        return Chunks.CODEC.decode(value);
    }

    boolean has(String id) {
        return store.get(key(id)) != null;
    }

    ShardHits search(SearchMode mode, String text, ChunkFilter filter, float... vector) {
        return query(request(mode, text, filter, vector), PositionBound.unbounded())
                .getResult();
    }

    static ChunkQuery request(SearchMode mode, String text, ChunkFilter filter, float... vector) {
        return new ChunkQuery(
                mode,
                Chunks.unit(vector),
                Chunks.MODEL,
                text,
                ChunkQuery.CANDIDATES,
                ChunkQuery.CANDIDATES,
                filter,
                CorpusStatistics.EMPTY,
                Duration.ofSeconds(10));
    }

    <R> QueryResult<R> query(Query<R> query, PositionBound bound) {
        return store.query(query, bound, new QueryConfig(false));
    }

    static List<String> keys(KeyValueIterator<Bytes, byte[]> entries) {
        List<String> keys = new ArrayList<>();
        try (entries) {
            entries.forEachRemaining(entry -> keys.add(new String(entry.key.get(), UTF_8)));
        }
        return keys;
    }

    @Override
    public void close() {
        store.close();
    }
}
