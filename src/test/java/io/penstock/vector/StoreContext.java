package io.penstock.vector;

import io.penstock.kafka.Topics;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsMetrics;
import org.apache.kafka.streams.processor.BatchingStateRestoreCallback;
import org.apache.kafka.streams.processor.CommitCallback;
import org.apache.kafka.streams.processor.StateRestoreCallback;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/** What Streams gives a store: a folder, a task, the record at hand; and a restore that the test drives. */
final class StoreContext implements StateStoreContext {
    private final TaskId task;
    private final Path folder;
    private final StreamsMetrics metrics = new MockProcessorContext<Void, Void>().metrics();
    private @Nullable RecordMetadata record;
    private @Nullable StateRestoreCallback restore;

    StoreContext(int partition, Path folder) {
        this.task = new TaskId(0, partition);
        this.folder = folder;
    }

    /** The record that is being processed has this offset on {@code chunk}. */
    void at(long offset) {
        record = new RecordMetadata() {
            @Override
            public String topic() {
                return Topics.CHUNK;
            }

            @Override
            public int partition() {
                return task.partition();
            }

            @Override
            public long offset() {
                return offset;
            }
        };
    }

    void restore(List<KeyValue<byte[], byte[]>> records) {
        if (!(restore instanceof BatchingStateRestoreCallback batching)) {
            throw new IllegalStateException("No batching restore callback was registered");
        }
        batching.restoreAll(new ArrayList<>(records));
    }

    @Override
    public String applicationId() {
        return "test";
    }

    @Override
    public TaskId taskId() {
        return task;
    }

    @Override
    public Optional<RecordMetadata> recordMetadata() {
        return Optional.ofNullable(record);
    }

    @Override
    public Serde<?> keySerde() {
        return Serdes.ByteArray();
    }

    @Override
    public Serde<?> valueSerde() {
        return Serdes.ByteArray();
    }

    @Override
    public File stateDir() {
        return folder.toFile();
    }

    @Override
    public StreamsMetrics metrics() {
        return metrics;
    }

    @Override
    public void register(StateStore store, StateRestoreCallback callback) {
        restore = callback;
    }

    @Override
    public void register(StateStore store, StateRestoreCallback callback, CommitCallback commit) {
        restore = callback;
    }

    @Override
    public Map<String, Object> appConfigs() {
        return Map.of();
    }

    @Override
    public Map<String, Object> appConfigsWithPrefix(String prefix) {
        return Map.of();
    }
}
