package io.penstock.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.record.TimestampType;

/**
 * A Kafka topic as Penstock wants it.
 *
 * @param name its exact name
 * @param partitions how many partitions it has
 * @param config its settings, named as Kafka names them
 */
public record TopicSpec(String name, int partitions, Map<String, String> config) {
    public TopicSpec {
        config = Map.copyOf(config);
    }

    /** A topic that keeps every record for a time. */
    public static TopicSpec kept(String name, int partitions, Duration time) {
        Map<String, String> config = common(TopicConfig.CLEANUP_POLICY_DELETE);
        config.put(TopicConfig.RETENTION_MS_CONFIG, Long.toString(time.toMillis()));
        return new TopicSpec(name, partitions, config);
    }

    /**
     * A topic that keeps every record for a time since it was written. What is wrong with a record may be its timestamp: by that,
     * the record could be gone at once.
     */
    public static TopicSpec keptSinceWritten(String name, int partitions, Duration time) {
        Map<String, String> config = new HashMap<>(kept(name, partitions, time).config());
        config.put(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, TimestampType.LOG_APPEND_TIME.toString());
        return new TopicSpec(name, partitions, config);
    }

    /** A topic that keeps the newest record of each key, and deletions for a time. */
    public static TopicSpec compacted(String name, int partitions, Duration deletions) {
        Map<String, String> config = common(TopicConfig.CLEANUP_POLICY_COMPACT);
        config.put(TopicConfig.DELETE_RETENTION_MS_CONFIG, Long.toString(deletions.toMillis()));
        return new TopicSpec(name, partitions, config);
    }

    private static Map<String, String> common(String policy) {
        Map<String, String> config = new HashMap<>();
        config.put(TopicConfig.CLEANUP_POLICY_CONFIG, policy);
        config.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(KafkaSettings.MAX_MESSAGE_BYTES));
        return config;
    }
}
