package io.penstock.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.kafka.KafkaSettings;
import io.penstock.kafka.Topics;
import io.penstock.record.ItemComplete;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads the committed chunks from now on, and counts the documents whose last one has come. Used by one thread. */
final class CompletedDocuments implements AutoCloseable {
    private final KafkaConsumer<byte[], byte[]> consumer;

    CompletedDocuments(KafkaSettings kafka) {
        consumer =
                new KafkaConsumer<>(kafka.consumer("latest"), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = consumer.partitionsFor(Topics.CHUNK).stream()
                .map((PartitionInfo info) -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position); // seeks are lazy; the position makes them now
    }

    /**
     * How many more documents of a run are complete.
     *
     * @param patience how long to wait for a chunk when there is none
     * @param seen given each chunk as it was written
     */
    int more(String run, Duration patience, Consumer<byte[]> seen) {
        int complete = 0;
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(patience)) {
            String key = new String(record.key(), UTF_8);
            if (!key.startsWith(Inferences.TOPIC + "/" + run + "/")) {
                throw new IllegalStateException(key + " is a chunk of another run than " + run);
            }
            complete += ItemComplete.of(record.headers()).size();
            seen.accept(record.value());
        }
        return complete;
    }

    @Override
    public void close() {
        consumer.close();
    }
}
