package io.penstock.vector;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schema.Chunk;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Applies each record to the store. What is no chunk is passed over and counted; {@link ChunkAnnouncer}, which gets the same
 * record next, reports it.
 */
final class ChunkUpdater implements Processor<byte[], byte[], Void, Void> {
    private final String storeName;
    private final ChunkReader reader;
    private final VectorIndexActivity activity;
    private @Nullable KeyValueStore<String, Chunk> store;

    ChunkUpdater(String storeName, ChunkReader reader, VectorIndexActivity activity) {
        this.storeName = storeName;
        this.reader = reader;
        this.activity = activity;
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
        store = context.getStateStore(storeName);
    }

    @Override
    @SuppressWarnings("NullAway") // a tombstone has no value; Streams does not declare it
    public void process(Record<byte[], byte[]> record) {
        try {
            String id = ChunkReader.key(record.key());
            store.put(id, record.value() == null ? null : reader.read(record.key(), record.value()));
        } catch (PenstockException e) {
            if (e.code() == ErrorCode.NOT_READY) {
                throw e; // the registry cannot be asked now: the record is not at fault
            }
            activity.valueSkipped();
        }
    }
}
