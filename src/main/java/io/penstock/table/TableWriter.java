package io.penstock.table;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.serde.AvroCodec;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * Writes to a table and returns once this instance's own view holds what was written: a change is seen before it is answered.
 * May be called from any thread; writers that read first and write then serialise themselves.
 */
public final class TableWriter<T extends SpecificRecord> {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final String topic;
    private final AvroCodec<T> codec;
    private final Producer<byte[], byte[]> producer;
    private final GlobalTable<T> table;
    private final ChangeSignal changes;

    public TableWriter(
            String topic,
            AvroCodec<T> codec,
            Producer<byte[], byte[]> producer,
            GlobalTable<T> table,
            ChangeSignal changes) {
        this.topic = topic;
        this.codec = codec;
        this.producer = producer;
        this.table = table;
        this.changes = changes;
    }

    /** @throws PenstockException {@code not-ready} when the change was not written, or not seen, in time */
    public void put(String key, T value) {
        write(key, value);
    }

    /** @throws PenstockException {@code not-ready} when the change was not written, or not seen, in time */
    public void delete(String key) {
        write(key, null);
    }

    private void write(String key, @Nullable T value) {
        byte[] bytes = value == null ? null : codec.encode(topic, value);
        try {
            producer.send(new ProducerRecord<>(topic, key.getBytes(java.nio.charset.StandardCharsets.UTF_8), bytes))
                    .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            boolean seen = changes.await(() -> Objects.equals(table.get(key).orElse(null), value), PATIENCE);
            if (!seen) {
                throw notReady(key, null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw notReady(key, e);
        } catch (ExecutionException | TimeoutException | KafkaException | IllegalStateException e) {
            throw notReady(key, e); // the last when the producer is closed already
        }
    }

    private PenstockException notReady(String key, @Nullable Throwable cause) {
        return new PenstockException(
                ErrorCode.NOT_READY,
                "The change of '" + key + "' in " + topic + " was not confirmed in time; ask again for the same.",
                cause);
    }
}
