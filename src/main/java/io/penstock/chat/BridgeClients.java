package io.penstock.chat;

import io.penstock.kafka.KafkaSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Makes the Kafka clients of the bridge, each with settings for what it is for. */
final class BridgeClients {
    /** Of the instances that share the partitions of {@code chat.reply}. */
    static final String GROUP = "penstock-chat-bridge";

    private static final int HEARTBEAT_MS = 500;
    /** Also the longest that an event loop may be held up, when the producer has no memory left. */
    private static final int BLOCK_MS = 500;

    private static final int REQUEST_MS = 10_000;
    private static final int DELIVERY_MS = 20_000;
    private static final int RESUMED_FETCH_BYTES = 256 * 1024;

    private final KafkaSettings kafka;

    BridgeClients(KafkaSettings kafka) {
        this.kafka = kafka;
    }

    /** Writes at once, gives up before the caller does, and never forgets where its topics are. */
    Producer<byte[], byte[]> producer() {
        Map<String, Object> config = new HashMap<>(kafka.producer());
        config.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, 0);
        config.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, BLOCK_MS);
        // What comes while one batch is on its way makes the next: larger the more there is to do, without any wait.
        config.putIfAbsent(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
        config.putIfAbsent(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_MS);
        config.putIfAbsent(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_MS);
        config.putIfAbsent(
                ProducerConfig.METADATA_MAX_IDLE_CONFIG, Duration.ofDays(365).toMillis());
        return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** A member of the group; commits nothing. */
    Consumer<byte[], byte[]> member() {
        Map<String, Object> config = new HashMap<>(kafka.consumer("latest"));
        config.put(ConsumerConfig.GROUP_ID_CONFIG, GROUP);
        config.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "classic");
        config.put(
                ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
                List.of(CooperativeStickyAssignor.class.getName()));
        // An instance that joins waits until the others have heard of it.
        config.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, HEARTBEAT_MS);
        return consumer(config);
    }

    /** Reads what it is assigned by hand. */
    Consumer<byte[], byte[]> reader() {
        return consumer(kafka.consumer("latest"));
    }

    /** Reads one partition again from an offset, a little at a time; what is no longer kept is an error. */
    Consumer<byte[], byte[]> resumer() {
        Map<String, Object> config = new HashMap<>(kafka.consumer("none"));
        config.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, RESUMED_FETCH_BYTES);
        config.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, RESUMED_FETCH_BYTES);
        return consumer(config);
    }

    private static Consumer<byte[], byte[]> consumer(Map<String, Object> config) {
        return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }
}
