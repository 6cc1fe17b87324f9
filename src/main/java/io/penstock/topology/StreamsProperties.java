package io.penstock.topology;

import io.penstock.kafka.KafkaSettings;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/** The settings of Kafka Streams for a topology: what its file says over what holds for all. */
public final class StreamsProperties {
    private static final int POLL_MS = 20;
    private static final long CACHE_BYTES = 4L * 1024 * 1024;

    private StreamsProperties() {}

    public static Properties of(TopologyDefinition definition, KafkaSettings kafka, Path stateFolder) {
        Properties properties = new Properties();
        put(properties, kafka.streams());
        properties.put(StreamsConfig.POLL_MS_CONFIG, POLL_MS);
        properties.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, CACHE_BYTES);
        // Records are forwarded one by one and committed often; lingering would only add to the time each step takes.
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 5);
        properties.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, BoundedRocksDb.class);
        put(properties, definition.kafka());
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, definition.applicationId());
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers());
        properties.put(
                StreamsConfig.STATE_DIR_CONFIG, stateFolder.toAbsolutePath().toString());
        if (definition.guarantee() != Guarantee.NONE) {
            properties.put(
                    StreamsConfig.PROCESSING_GUARANTEE_CONFIG,
                    definition.guarantee().text());
            properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, Math.max(1, definition.threads()));
        }
        return properties;
    }

    private static void put(Properties properties, Map<String, ?> settings) {
        settings.forEach(properties::put);
    }
}
