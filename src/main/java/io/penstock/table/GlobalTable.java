package io.penstock.table;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.Decoded;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A read-only view of a compacted Kafka topic. May be read from any thread. An entry that cannot be decoded is left out, so that
 * one bad record does not hide the others.
 *
 * <p>The store holds bytes: a restore puts them there without asking anyone, so what is in it may be anything. What was decoded
 * is kept until its entry changes, and is shared: it must not be changed by whoever reads it.
 */
public final class GlobalTable<T extends SpecificRecord> {
    private static final Logger LOG = LoggerFactory.getLogger(GlobalTable.class);

    private final String name;
    private final AvroCodec<T> codec;
    private final Supplier<ReadOnlyKeyValueStore<String, byte[]>> store;
    private final Map<String, Decoded<T>> decoded = new ConcurrentHashMap<>();
    private final Map<String, byte[]> unreadable = new ConcurrentHashMap<>();

    /** @param store the store; throws {@link InvalidStateStoreException} while it cannot be read */
    public GlobalTable(String name, AvroCodec<T> codec, Supplier<ReadOnlyKeyValueStore<String, byte[]>> store) {
        this.name = name;
        this.codec = codec;
        this.store = store;
    }

    /** @throws PenstockException {@code not-ready} while the table cannot be read */
    public Optional<T> get(String key) {
        try {
            return decode(key, store.get().get(key));
        } catch (InvalidStateStoreException e) {
            throw notReady(e);
        }
    }

    /** Whether every entry can be read. */
    public boolean isWhole() {
        Set<String> keys = new HashSet<>();
        try (KeyValueIterator<String, byte[]> all = store.get().all()) {
            while (all.hasNext()) {
                KeyValue<String, byte[]> entry = all.next();
                keys.add(entry.key);
                var _ = decode(entry.key, entry.value);
            }
        } catch (InvalidStateStoreException e) {
            throw notReady(e);
        }
        unreadable.keySet().retainAll(keys);
        return unreadable.isEmpty();
    }

    /** All entries whose key begins so, by key. */
    public SortedMap<String, T> startingWith(String prefix) {
        SortedMap<String, T> entries = new TreeMap<>();
        // The prefix scan of a global store wants its serializer; a table is small enough to be read whole.
        try (KeyValueIterator<String, byte[]> all = store.get().all()) {
            while (all.hasNext()) {
                KeyValue<String, byte[]> entry = all.next();
                if (entry.key.startsWith(prefix)) {
                    decode(entry.key, entry.value).ifPresent(value -> entries.put(entry.key, value));
                }
            }
            return entries;
        } catch (InvalidStateStoreException e) {
            throw notReady(e);
        }
    }

    private Optional<T> decode(String key, byte @Nullable [] bytes) {
        if (bytes == null) {
            decoded.remove(key);
            unreadable.remove(key);
            return Optional.empty();
        }
        Decoded<T> known = decoded.get(key);
        if (known != null && known.bytes() == bytes) { // the store gives the same array until the entry changes
            return Optional.of(known.value());
        }
        if (unreadable.get(key) == bytes) { // said once is enough: the table is read all the time
            return Optional.empty();
        }
        try {
            T value = codec.decode(bytes);
            decoded.put(key, new Decoded<>(value, bytes));
            unreadable.remove(key);
            return Optional.of(value);
        } catch (PenstockException e) {
            if (e.code() == ErrorCode.NOT_READY) {
                throw e;
            }
            decoded.remove(key);
            unreadable.put(key, bytes);
            LOG.warn("The entry '{}' of {} cannot be read and is left out: {}", key, name, e.detail());
            return Optional.empty();
        }
    }

    private PenstockException notReady(InvalidStateStoreException cause) {
        return new PenstockException(
                ErrorCode.NOT_READY, "The table " + name + " is not loaded yet; try again in a moment.", cause);
    }
}
