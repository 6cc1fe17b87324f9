package io.penstock.soak;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What is committed, read as it comes. */
final class Outcomes implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);

    private final SoakTopics topics;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<TopicPartition> partitions;
    private final List<ConsumerRecord<byte[], byte[]>> outcomes = new ArrayList<>();
    private final List<ConsumerRecord<byte[], byte[]>> deadLetters = new ArrayList<>();
    private final Set<Long> ended = new HashSet<>();

    Outcomes(String bootstrapServers, SoakTopics topics) {
        this.topics = topics;
        this.consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrapServers,
                        "isolation.level",
                        "read_committed",
                        "enable.auto.commit",
                        false),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        this.partitions = Stream.of(topics.outcome(), topics.dead())
                .flatMap(topic -> IntStream.range(0, SoakTopics.PARTITIONS)
                        .mapToObj(partition -> new TopicPartition(topic, partition)))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    /** Reads until every input has come to an end, or the time is over. */
    void awaitAll(Set<Long> inputs, Duration patience) {
        Instant deadline = Instant.now().plus(patience);
        while (!ended.containsAll(inputs) && Instant.now().isBefore(deadline)) {
            poll();
        }
    }

    /** Reads what is left, to the very end. */
    void readToEnd() {
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        Instant deadline = Instant.now().plusSeconds(60);
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError("A transaction is still open long after its program has ended");
            }
            poll();
        }
    }

    private void poll() {
        for (ConsumerRecord<byte[], byte[]> found : consumer.poll(POLL)) {
            if (found.topic().equals(topics.outcome())) {
                outcomes.add(found);
                ended.add(Work.idOf(new String(found.value(), UTF_8)));
            } else {
                deadLetters.add(found);
            }
        }
    }

    /** Partition by partition in the order of their offsets. */
    List<ConsumerRecord<byte[], byte[]>> outcomes() {
        return outcomes;
    }

    List<ConsumerRecord<byte[], byte[]>> deadLetters() {
        return deadLetters;
    }

    @Override
    public void close() {
        consumer.close();
    }
}
