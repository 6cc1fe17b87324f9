package io.penstock.kafka;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.streams.StreamsConfig;

/**
 * How Penstock's clients reach Kafka and behave there.
 *
 * @param bootstrapServers where to connect first
 * @param passedThrough settings for every client as Kafka names them, such as {@code security.protocol}; they win over
 *     Penstock's own except where correctness hangs on those
 * @param replicationFactor of every topic Penstock makes; -1 leaves it to the brokers
 */
public record KafkaSettings(String bootstrapServers, Map<String, String> passedThrough, short replicationFactor) {
    /** The largest key and value together that Penstock writes. */
    public static final int MAX_RECORD_BYTES = 8 * 1024 * 1024;

    /** The limit of topics and producers: the largest record, with room for headers and the envelope of a pending call. */
    public static final int MAX_MESSAGE_BYTES = MAX_RECORD_BYTES + 256 * 1024;

    private static final String PREFIX = "kafka.";
    private static final int FETCH_BYTES = 2 * MAX_MESSAGE_BYTES;
    private static final String READ_COMMITTED =
            IsolationLevel.READ_COMMITTED.toString().toLowerCase(Locale.ROOT);
    private static final int SESSION_MS = 6_000;
    private static final int HEARTBEAT_MS = 2_000;

    public KafkaSettings {
        Map<String, String> others = new HashMap<>(passedThrough);
        others.remove(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG);
        passedThrough = Map.copyOf(others);
    }

    /** Takes the settings of all properties named {@code kafka.*}, without that prefix. */
    public static KafkaSettings fromProperties(
            String bootstrapServers, Map<String, String> properties, short replicationFactor) {
        Map<String, String> settings = new HashMap<>();
        properties.forEach((name, value) -> {
            if (name.startsWith(PREFIX)) {
                settings.put(name.substring(PREFIX.length()), value);
            }
        });
        return new KafkaSettings(bootstrapServers, settings, replicationFactor);
    }

    /** For an {@code Admin}. */
    public Map<String, Object> admin() {
        return client(new HashMap<>());
    }

    /** For a producer without a transactional id: idempotent, acknowledged by all replicas. */
    public Map<String, Object> producer() {
        Map<String, Object> config = new HashMap<>();
        config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_MESSAGE_BYTES);
        client(config);
        config.put(ProducerConfig.ACKS_CONFIG, "all");
        config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        return config;
    }

    /**
     * For a consumer: reads committed records only, and commits no offsets by itself.
     *
     * @param autoOffsetReset where to begin without a committed offset: {@code earliest}, {@code latest} or {@code none}
     */
    public Map<String, Object> consumer(String autoOffsetReset) {
        Map<String, Object> config = new HashMap<>();
        config.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, MAX_MESSAGE_BYTES);
        config.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_BYTES);
        config.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, SESSION_MS);
        config.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, HEARTBEAT_MS);
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        client(config);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, autoOffsetReset);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, READ_COMMITTED);
        config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        return config;
    }

    /** For a {@code KafkaStreams}: everything but the application's id, guarantee, threads and state folder. */
    public Map<String, Object> streams() {
        Map<String, Object> config = new HashMap<>();
        config.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), SESSION_MS);
        config.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), HEARTBEAT_MS);
        config.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), MAX_MESSAGE_BYTES);
        config.put(StreamsConfig.consumerPrefix(ConsumerConfig.FETCH_MAX_BYTES_CONFIG), FETCH_BYTES);
        config.put(StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), MAX_MESSAGE_BYTES);
        config.put(
                StreamsConfig.topicPrefix(TopicConfig.MAX_MESSAGE_BYTES_CONFIG), Integer.toString(MAX_MESSAGE_BYTES));
        config.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, (int) replicationFactor);
        client(config);
        // Streams sets this for exactly_once only; without it an index would hold what was aborted.
        config.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.ISOLATION_LEVEL_CONFIG), READ_COMMITTED);
        config.put(StreamsConfig.restoreConsumerPrefix(ConsumerConfig.ISOLATION_LEVEL_CONFIG), READ_COMMITTED);
        config.put(StreamsConfig.globalConsumerPrefix(ConsumerConfig.ISOLATION_LEVEL_CONFIG), READ_COMMITTED);
        config.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        config.put(StreamsConfig.GROUP_PROTOCOL_CONFIG, "classic");
        return config;
    }

    /** Names the settings that are passed through, but none of their values: some are secrets. */
    @Override
    public String toString() {
        return "KafkaSettings[bootstrapServers=" + bootstrapServers + ", passedThrough="
                + new TreeMap<>(passedThrough).keySet() + ", replicationFactor=" + replicationFactor + "]";
    }

    private Map<String, Object> client(Map<String, Object> config) {
        config.putAll(passedThrough);
        config.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        return config;
    }
}
