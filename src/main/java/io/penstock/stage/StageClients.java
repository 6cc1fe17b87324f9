package io.penstock.stage;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.streams.KafkaClientSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The clients of {@code KafkaStreams} that run stages: Kafka's own, but that stages can wake up the main consumers, keep them from
 * reading on, and learn when what was sent has arrived, as others may. May be used for any {@code KafkaStreams}, with the classic group protocol.
 *
 * <p><b>Threading.</b> May be used from any thread.
 */
final class StageClients implements KafkaClientSupplier {
    private final ConcurrentMap<Thread, StageConsumer> consumers = new ConcurrentHashMap<>();
    /** By topic. */
    private final ConcurrentMap<String, ArrivalListener> listeners = new ConcurrentHashMap<>();

    void onArrival(String topic, ArrivalListener listener) {
        listeners.put(topic, listener);
    }

    @Nullable
    ArrivalListener listener(String topic) {
        return listeners.get(topic);
    }

    /** What the present thread reads from; null when that is none of these consumers. */
    @Nullable
    Intake ofThisThread() {
        return consumers.get(Thread.currentThread());
    }

    void polledBy(Thread thread, StageConsumer consumer) {
        consumers.keySet().removeIf(poller -> !poller.isAlive());
        consumers.put(thread, consumer);
    }

    void flushedBy(Thread thread) {
        StageConsumer consumer = consumers.get(thread);
        if (consumer != null) {
            consumer.countFlush();
        }
    }

    @Override
    public Admin getAdmin(Map<String, Object> config) {
        return Admin.create(config);
    }

    @Override
    public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
        return new StageProducer(config, this);
    }

    @Override
    public Consumer<byte[], byte[]> getConsumer(Map<String, Object> config) {
        return new StageConsumer(config, this);
    }

    @Override
    public Consumer<byte[], byte[]> getRestoreConsumer(Map<String, Object> config) {
        return consumer(config);
    }

    @Override
    public Consumer<byte[], byte[]> getGlobalConsumer(Map<String, Object> config) {
        return new GlobalConsumer(config);
    }

    /** Nothing is to be done between two polls but to apply what came, so each may wait for long: what comes ends it. */
    private static final class GlobalConsumer extends KafkaConsumer<byte[], byte[]> {
        GlobalConsumer(Map<String, Object> config) {
            super(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        }

        @Override
        public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
            return super.poll(timeout.compareTo(StageConsumer.IDLE_POLL) < 0 ? StageConsumer.IDLE_POLL : timeout);
        }
    }

    private static Consumer<byte[], byte[]> consumer(Map<String, Object> config) {
        return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }
}
