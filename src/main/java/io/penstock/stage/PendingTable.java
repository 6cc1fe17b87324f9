package io.penstock.stage;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The pending store of one task. Its keys are slots that are used again, the lowest free one first: the changelog's keys
 * stay few, and a record that comes and goes between two commits leaves only a tombstone there, for the store's cache holds
 * back its payload.
 *
 * <p><b>Threading.</b> StreamThread only.
 */
final class PendingTable<K, V> {
    private final KeyValueStore<Integer, PendingEntry> store;
    private final Serde<K> keySerde;
    private final Serde<V> valueSerde;
    private final String changelog;
    private final BitSet slots = new BitSet();
    private long nextSeq;

    PendingTable(ProcessorContext<?, ?> context, String storeName, Serde<K> keySerde, Serde<V> valueSerde) {
        this.store = context.getStateStore(storeName);
        this.keySerde = keySerde;
        this.valueSerde = valueSerde;
        this.changelog = context.applicationId() + "-" + storeName + "-changelog";
    }

    /**
     * In memory an idle task costs nothing; on disk a backlog of large records does not fill the heap. The changelog is compacted
     * soon and keeps its tombstones shortly, since most of its records are tombstones.
     */
    static StoreBuilder<KeyValueStore<Integer, PendingEntry>> builder(String name, boolean onDisk) {
        return Stores.keyValueStoreBuilder(
                        onDisk ? Stores.persistentKeyValueStore(name) : Stores.inMemoryKeyValueStore(name),
                        Serdes.Integer(),
                        new PendingEntrySerde())
                .withCachingEnabled()
                .withLoggingEnabled(Map.of(
                        "segment.bytes", "16777216",
                        "segment.ms", "600000",
                        "min.cleanable.dirty.ratio", "0.1",
                        "delete.retention.ms", "60000"));
    }

    /** A slot and the arrival it holds. */
    record Arrival(int slot, long seq) {}

    /** What is stored, oldest first; occupies the slots. To be called once, before anything else. */
    List<Arrival> restore() {
        List<Arrival> arrivals = new ArrayList<>();
        try (KeyValueIterator<Integer, PendingEntry> all = store.all()) {
            while (all.hasNext()) {
                var stored = all.next();
                arrivals.add(new Arrival(stored.key, stored.value.seq()));
                slots.set(stored.key);
                nextSeq = Math.max(nextSeq, stored.value.seq() + 1);
            }
        }
        arrivals.sort(Comparator.comparingLong(Arrival::seq));
        return arrivals;
    }

    int freeSlot() {
        return slots.nextClearBit(0);
    }

    StoredRecord<K, V> add(int slot, Record<K, V> record, Optional<RecordMetadata> origin, long nowMillis) {
        PendingEntry entry = new PendingEntry(
                nextSeq++,
                0,
                record.timestamp(),
                nowMillis,
                nowMillis,
                origin.map(RecordMetadata::topic).orElse(""),
                origin.map(RecordMetadata::partition).orElse(-1),
                origin.map(RecordMetadata::offset).orElse(-1L),
                List.of(record.headers().toArray()),
                keySerde.serializer().serialize(changelog, record.headers(), record.key()),
                valueSerde.serializer().serialize(changelog, record.headers(), record.value()));
        store.put(slot, entry);
        slots.set(slot);
        return new StoredRecord<>(entry, record.key(), record.value());
    }

    StoredRecord<K, V> get(int slot) {
        PendingEntry entry = store.get(slot);
        if (entry == null) {
            throw new IllegalStateException(
                    "Slot " + slot + " of " + store.name() + " is empty. Only its stage may write to a pending store.");
        }
        K key = keySerde.deserializer().deserialize(changelog, entry.copyOfHeaders(), entry.key());
        V value = valueSerde.deserializer().deserialize(changelog, entry.copyOfHeaders(), entry.value());
        return new StoredRecord<>(entry, key, value);
    }

    void put(int slot, PendingEntry entry) {
        store.put(slot, entry);
    }

    void delete(int slot) {
        store.delete(slot);
        slots.clear(slot);
    }
}
