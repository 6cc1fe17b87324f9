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
    /** The key of a record without a value that only marks a place in the topic. No entry has it: names hold no colon. */
    static final String MARK = "writer:";

    private GlobalTableNode() {}

    /**
     * Adds a table to a topology.
     *
     * @param name of the Kafka topic and of the store
     * @param changes told of each change, on the global thread
     */
    public static void add(Topology topology, String name, ChangeSignal changes) {
        topology.addGlobalStore(
                Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), Serdes.String(), Serdes.ByteArray())
                        .withLoggingDisabled(),
                name + "-source",
                new StringDeserializer(),
                new ByteArrayDeserializer(),
                name,
                name + "-keep",
                () -> new Keep(name, changes));
    }

    /** Puts what comes into the store, as it is: a restore does the same without this node. */
    private static final class Keep implements Processor<String, byte[], Void, Void> {
        private final String name;
        private final ChangeSignal changes;
        private @Nullable ProcessorContext<Void, Void> context;
        private @Nullable KeyValueStore<String, byte[]> store;

        Keep(String name, ChangeSignal changes) {
            this.name = name;
            this.changes = changes;
        }

        @Override
        public void init(ProcessorContext<Void, Void> newContext) {
            context = newContext;
            store = newContext.getStateStore(name);
        }

        @Override
        @SuppressWarnings("NullAway") // init() comes before process(); a null value deletes
        public void process(Record<String, byte[]> record) {
            long offset = context.recordMetadata().orElseThrow().offset();
            if (record.key() == null || record.key().equals(MARK)) {
                changes.reached(offset);
            } else {
                store.put(record.key(), record.value());
                changes.changed(offset);
            }
        }
    }
}
