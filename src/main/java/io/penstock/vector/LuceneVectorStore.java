package io.penstock.vector;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schema.Chunk;
import io.penstock.serde.AvroCodec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.processor.BatchingStateRestoreCallback;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.Query;
import org.apache.kafka.streams.query.QueryConfig;
import org.apache.kafka.streams.query.QueryResult;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.util.BytesRef;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A state store whose engine is a Lucene index. Key: chunk id in UTF-8; value: a {@link Chunk} in the Confluent wire format. What
 * a read returns is equal as a record, not always byte by byte: it is written with this application's schema.
 *
 * <p>It keeps its offsets itself, in Lucene's commit data, so that index and offsets are one atomic write. Values that are no
 * chunk are skipped and counted: a restore hands over what lies on the topic, unseen by any deserializer.
 *
 * <p>Threading: one thread at a time owns the store and changes it; reads and queries may come from any thread.
 */
final class LuceneVectorStore implements KeyValueStore<Bytes, byte[]> {
    private static final Logger LOG = LoggerFactory.getLogger(LuceneVectorStore.class);

    private final String name;
    private final VectorIndexSettings settings;
    private final InstantSource clock;
    private final VectorIndexActivity activity;
    private final Semaphore merges;
    private final ChunkReader reader;
    private final ChunkDocuments documents;
    private final ShardQueries queries;
    private volatile @Nullable LuceneIndex index;
    private volatile @Nullable StateStoreContext context;

    /**
     * @param questions what is known of the questions, for all shards
     * @param merges how many merges of all shards may be made at once
     */
    LuceneVectorStore(
            String name,
            VectorIndexSettings settings,
            AvroCodec<Chunk> codec,
            InstantSource clock,
            VectorIndexActivity activity,
            QuestionTerms questions,
            Semaphore merges) {
        this.name = name;
        this.merges = merges;
        this.settings = settings;
        this.clock = clock;
        this.activity = activity;
        this.reader = new ChunkReader(codec);
        this.documents = new ChunkDocuments(codec);
        this.queries = new ShardQueries(this, settings, activity, new ShardSearch(documents, questions));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean persistent() {
        return true;
    }

    @Override
    @SuppressWarnings("deprecation") // transitional in Kafka 4.3, and the only way to say so
    public boolean managesOffsets() {
        return true;
    }

    @Override
    public boolean isOpen() {
        return index != null;
    }

    @Override
    public void init(StateStoreContext newContext, StateStore root) {
        context = newContext;
        if (index == null) {
            TaskId task = newContext.taskId();
            Path folder = newContext.stateDir().toPath().resolve(name);
            try {
                index = LuceneIndex.open(
                        folder, name + "-" + task, settings, clock, () -> activity.completedItems(task), merges);
            } catch (IOException e) {
                throw new ProcessorStateException("The index in " + folder + " cannot be opened.", e);
            }
        }
        newContext.register(root, new Restore());
    }

    @Override
    public void close() {
        LuceneIndex closing = index;
        index = null;
        if (closing != null) {
            try {
                closing.close();
            } catch (IOException e) {
                throw new ProcessorStateException("The index of store " + name + " cannot be closed.", e);
            }
        }
    }

    @Override
    public void commit(Map<TopicPartition, Long> changelogOffsets) {
        LuceneIndex open = index;
        if (open == null) {
            return;
        }
        Map<TopicPartition, Long> offsets = new HashMap<>();
        changelogOffsets.forEach((partition, offset) -> {
            if (offset != null && offset >= 0) {
                offsets.put(partition, offset);
                if (partition.topic().equals(settings.sourceTopic())) {
                    open.advance(offset); // the only way for a standby, and for what was skipped, to move on
                }
            }
        });
        open.commit(offsets);
    }

    @Override
    @SuppressWarnings("NullAway") // null says that nothing is known; Streams' interface does not declare it
    public Long committedOffset(TopicPartition partition) {
        return open().offsets().get(partition);
    }

    @Override
    public Position getPosition() {
        LuceneIndex open = index;
        return open == null ? Position.emptyPosition() : position(open.position());
    }

    Position position(long offset) {
        StateStoreContext current = context;
        return offset < 0 || current == null
                ? Position.emptyPosition()
                : Position.emptyPosition()
                        .withComponent(settings.sourceTopic(), current.taskId().partition(), offset);
    }

    @Override
    public void put(Bytes key, byte @Nullable [] value) {
        LuceneIndex open = open();
        apply(open, key, value);
        StateStoreContext current = context;
        if (current != null) {
            current.recordMetadata()
                    .filter(record -> settings.sourceTopic().equals(record.topic()))
                    .ifPresent(record -> open.advance(record.offset()));
        }
    }

    private void apply(LuceneIndex open, Bytes key, byte @Nullable [] value) {
        if (value == null) {
            open.delete(key);
            activity.chunkDeleted();
            return;
        }
        Chunk chunk;
        try {
            chunk = reader.read(key.get(), value);
        } catch (PenstockException e) {
            if (e.code() == ErrorCode.NOT_READY) {
                throw e; // the registry cannot be asked now: the value is not at fault
            }
            activity.valueSkipped();
            LOG.warn("{}: skipped {}: {} {}", name, key, e.code().code(), e.detail());
            return;
        }
        open.put(key, documents.document(key.get(), chunk));
        activity.chunkIndexed();
    }

    @Override
    public byte @Nullable [] putIfAbsent(Bytes key, byte[] value) {
        byte[] before = get(key);
        if (before == null) {
            put(key, value);
        }
        return before;
    }

    @Override
    public void putAll(List<KeyValue<Bytes, byte[]>> entries) {
        entries.forEach(entry -> put(entry.key, entry.value));
    }

    @Override
    public byte @Nullable [] delete(Bytes key) {
        byte[] before = get(key);
        put(key, null);
        return before;
    }

    @Override
    public byte @Nullable [] get(Bytes key) {
        LuceneIndex open = open();
        if (open.isUnseen(key)) {
            open.refreshIfChanged();
        }
        try {
            IndexSearcher searcher = open.acquire();
            try {
                LiveDocument found = LiveDocument.find(searcher.getIndexReader(), new BytesRef(key.get()));
                return found == null ? null : documents.value(found.reader(), found.doc());
            } finally {
                open.release(searcher);
            }
        } catch (IOException e) {
            throw new ProcessorStateException("Store " + name + " cannot be read.", e);
        }
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> range(@Nullable Bytes from, @Nullable Bytes to) {
        return iterate(KeyRange.between(bytes(from), bytes(to)), true);
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> reverseRange(@Nullable Bytes from, @Nullable Bytes to) {
        return iterate(KeyRange.between(bytes(from), bytes(to)), false);
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> all() {
        return range(null, null);
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> reverseAll() {
        return reverseRange(null, null);
    }

    @Override
    public <S extends Serializer<P>, P> KeyValueIterator<Bytes, byte[]> prefixScan(P prefix, S serializer) {
        return iterate(KeyRange.startingWith(serializer.serialize(name, prefix)), true);
    }

    private KeyValueIterator<Bytes, byte[]> iterate(KeyRange range, boolean ascending) {
        LuceneIndex open = open();
        open.refreshIfChanged();
        try {
            IndexSearcher searcher = open.acquire();
            try {
                return new KeyIterator(
                        open,
                        searcher,
                        documents,
                        ascending
                                ? range.ascending(searcher.getIndexReader())
                                : range.descending(searcher.getIndexReader()));
            } catch (IOException | RuntimeException e) {
                open.release(searcher);
                throw e;
            }
        } catch (IOException e) {
            throw new ProcessorStateException("Store " + name + " cannot be read.", e);
        }
    }

    @Override
    public long approximateNumEntries() {
        try {
            return open().documents();
        } catch (IOException e) {
            throw new ProcessorStateException("Store " + name + " cannot be read.", e);
        }
    }

    @Override
    public <R> QueryResult<R> query(Query<R> query, PositionBound bound, QueryConfig config) {
        return queries.answer(query, bound);
    }

    @Nullable
    LuceneIndex index() {
        return index;
    }

    /** The partition of the source topic that this store holds. */
    TaskId task() {
        StateStoreContext current = context;
        if (current == null) {
            throw new InvalidStateStoreException("Store " + name + " has not been opened.");
        }
        return current.taskId();
    }

    private LuceneIndex open() {
        LuceneIndex open = index;
        if (open == null) {
            throw new InvalidStateStoreException("Store " + name + " is closed.");
        }
        return open;
    }

    private static byte @Nullable [] bytes(@Nullable Bytes key) {
        return key == null ? null : key.get();
    }

    /** Brings the index up to date from the topic; of several records with one key only the last is worth a place in the graph. */
    private final class Restore implements BatchingStateRestoreCallback {
        @Override
        public void restoreAll(Collection<KeyValue<byte[], byte[]>> records) {
            LuceneIndex open = open();
            Map<Bytes, byte @Nullable []> last = new LinkedHashMap<>();
            for (KeyValue<byte[], byte[]> record : records) {
                if (record.key == null) {
                    activity.valueSkipped();
                } else {
                    last.put(Bytes.wrap(record.key), record.value);
                }
            }
            last.forEach((key, value) -> apply(open, key, value));
            activity.recordsRestored(records.size());
        }

        @Override
        public void restore(byte[] key, byte[] value) {
            restoreAll(List.of(KeyValue.pair(key, value)));
        }
    }
}
