package io.penstock.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.kafka.KafkaSettings;
import io.penstock.kafka.Topics;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Counts the chunks that a reader of the compacted Kafka topic {@code chunk} finds. */
final class LivingChunks {
    private LivingChunks() {}

    /** How many committed chunks of a topic have not been deleted. */
    static int count(String bootstrapServers, String topic) {
        KafkaSettings kafka = new KafkaSettings(bootstrapServers, Map.of(), (short) 1);
        Set<String> living = new HashSet<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                kafka.consumer("earliest"), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(Topics.CHUNK).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    String key = new String(record.key(), UTF_8);
                    if (record.value() == null) {
                        living.remove(key);
                    } else if (key.startsWith(topic + "/")) {
                        living.add(key);
                    }
                }
            }
        }
        return living.size();
    }
}
