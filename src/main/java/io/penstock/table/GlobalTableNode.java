package io.penstock.table;

import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/** The part of a topology that keeps a table: a global store over a compacted Kafka topic of the same name. */
public final class GlobalTableNode {
    private GlobalTableNode() {}

    /**
     * Adds a table to a topology.
     *
     * @param name of the Kafka topic and of the store
     * @param changed called after each change, on the global thread; must return at once
     */
    public static void add(Topology topology, String name, Runnable changed) {
        topology.addGlobalStore(
                Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), Serdes.String(), Serdes.ByteArray())
                        .withLoggingDisabled(),
                name + "-source",
                new StringDeserializer(),
                new ByteArrayDeserializer(),
                name,
                name + "-keep",
                () -> new Keep(name, changed));
    }

    /** Puts what comes into the store, as it is: a restore does the same without this node. */
    private static final class Keep implements Processor<String, byte[], Void, Void> {
        private final String name;
        private final Runnable changed;
        private @Nullable KeyValueStore<String, byte[]> store;

        Keep(String name, Runnable changed) {
            this.name = name;
            this.changed = changed;
        }

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            store = context.getStateStore(name);
        }

        @Override
        @SuppressWarnings("NullAway") // init() comes before process(); a null value deletes
        public void process(Record<String, byte[]> record) {
            if (record.key() != null) {
                store.put(record.key(), record.value());
                changed.run();
            }
        }
    }
}
