package io.penstock.chat;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.Query;
import org.apache.kafka.streams.query.QueryConfig;
import org.apache.kafka.streams.query.QueryResult;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Lets who puts a value into a store do something as soon as the value can be read, and before it goes to the store's changelog. What is
 * sent then need not wait for the request that takes the value to Kafka, and whoever hears of it finds the value.
 *
 * <p><b>Threading.</b> As that of the store: its StreamThread only.
 */
final class ReadableFirst {
    private static final ThreadLocal<@Nullable Runnable> WHEN_READABLE = new ThreadLocal<>();

    private ReadableFirst() {}

    /** Makes stores whose values can be {@linkplain #put put} so, if Kafka Streams does not cache them. */
    static KeyValueBytesStoreSupplier stores(KeyValueBytesStoreSupplier inner) {
        return new KeyValueBytesStoreSupplier() {
            @Override
            public String name() {
                return inner.name();
            }

            @Override
            public KeyValueStore<Bytes, byte[]> get() {
                return new Inner(inner.get());
            }

            @Override
            public String metricsScope() {
                return inner.metricsScope();
            }
        };
    }

    /** @param readable run once, by this thread, before this returns */
    static <K, V> void put(KeyValueStore<K, V> store, K key, V value, Runnable readable) {
        WHEN_READABLE.set(readable);
        try {
            store.put(key, value);
            hasBecomeReadable(); // by now, in any store
        } finally {
            WHEN_READABLE.remove();
        }
    }

    private static void hasBecomeReadable() {
        Runnable readable = WHEN_READABLE.get();
        if (readable != null) {
            WHEN_READABLE.remove(); // it may put something itself
            readable.run();
        }
    }

    /** What lies below the layer that writes the changelog. */
    private static final class Inner implements KeyValueStore<Bytes, byte[]> {
        private final KeyValueStore<Bytes, byte[]> store;

        private Inner(KeyValueStore<Bytes, byte[]> store) {
            this.store = store;
        }

        @Override
        public void put(Bytes key, byte[] value) {
            store.put(key, value);
            hasBecomeReadable();
        }

        @Override
        public byte[] putIfAbsent(Bytes key, byte[] value) {
            return store.putIfAbsent(key, value);
        }

        @Override
        public void putAll(List<KeyValue<Bytes, byte[]>> entries) {
            store.putAll(entries);
        }

        @Override
        public byte[] delete(Bytes key) {
            return store.delete(key);
        }

        @Override
        public byte[] get(Bytes key) {
            return store.get(key);
        }

        @Override
        public KeyValueIterator<Bytes, byte[]> range(Bytes from, Bytes to) {
            return store.range(from, to);
        }

        @Override
        public KeyValueIterator<Bytes, byte[]> reverseRange(Bytes from, Bytes to) {
            return store.reverseRange(from, to);
        }

        @Override
        public KeyValueIterator<Bytes, byte[]> all() {
            return store.all();
        }

        @Override
        public KeyValueIterator<Bytes, byte[]> reverseAll() {
            return store.reverseAll();
        }

        @Override
        public <S extends Serializer<P>, P> KeyValueIterator<Bytes, byte[]> prefixScan(P prefix, S serializer) {
            return store.prefixScan(prefix, serializer);
        }

        @Override
        public long approximateNumEntries() {
            return store.approximateNumEntries();
        }

        @Override
        public String name() {
            return store.name();
        }

        @Override
        public void init(StateStoreContext context, StateStore root) {
            store.init(context, root);
        }

        @Override
        public void commit(Map<TopicPartition, Long> offsets) {
            store.commit(offsets);
        }

        @Override
        public Long committedOffset(TopicPartition partition) {
            return store.committedOffset(partition);
        }

        @Override
        @SuppressWarnings("deprecation") // and asked for all the same
        public boolean managesOffsets() {
            return store.managesOffsets();
        }

        @Override
        public boolean persistent() {
            return store.persistent();
        }

        @Override
        public boolean isOpen() {
            return store.isOpen();
        }

        @Override
        public <R> QueryResult<R> query(Query<R> query, PositionBound bound, QueryConfig config) {
            return store.query(query, bound, config);
        }

        @Override
        public Position getPosition() {
            return store.getPosition();
        }

        @Override
        public void close() {
            store.close();
        }
    }
}
