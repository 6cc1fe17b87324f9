package io.penstock.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.pulsar.kafka.shade.avro.generic.GenericRecord;
import org.apache.pulsar.kafka.shade.io.confluent.kafka.serializers.KafkaAvroDeserializer;
import org.jspecify.annotations.Nullable;

/** Reads the application's Kafka topics as any other program would: with plain clients and Confluent's own deserializer. */
final class KafkaReader implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final String bootstrapServers;
    private final Admin admin;
    private final KafkaAvroDeserializer deserializer = new KafkaAvroDeserializer();

    KafkaReader(PenstockProcess penstock) {
        bootstrapServers = penstock.bootstrapServers();
        admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers));
        deserializer.configure(Map.of("schema.registry.url", penstock.api().url() + "/registry"), false);
    }

    /** All Kafka topics, internal ones included. */
    Set<String> topics() {
        return await(
                admin.listTopics(new ListTopicsOptions().listInternal(true)).names());
    }

    List<String> groups() {
        return await(admin.listGroups().all()).stream()
                .map(GroupListing::groupId)
                .toList();
    }

    /** Who is in each group and reads what: a rebalance changes the ids of members, or what they are assigned. */
    Map<String, String> members() {
        Map<String, String> members = new TreeMap<>();
        await(admin.describeConsumerGroups(groups()).all())
                .forEach((group, description) -> members.put(
                        group,
                        description.members().stream()
                                .map(member -> member.consumerId() + " reads "
                                        + new TreeSet<>(member.assignment().topicPartitions().stream()
                                                .map(TopicPartition::toString)
                                                .toList()))
                                .sorted()
                                .toList()
                                .toString()));
        return members;
    }

    /** Where every partition of every Kafka topic ends now, internal topics included. */
    Map<TopicPartition, Long> ends() {
        Map<TopicPartition, OffsetSpec> partitions = new HashMap<>();
        await(admin.describeTopics(topics()).allTopicNames())
                .forEach((topic, description) -> description
                        .partitions()
                        .forEach(partition ->
                                partitions.put(new TopicPartition(topic, partition.partition()), OffsetSpec.latest())));
        Map<TopicPartition, Long> ends = new HashMap<>();
        await(admin.listOffsets(partitions).all()).forEach((partition, end) -> ends.put(partition, end.offset()));
        return ends;
    }

    /** Every committed record that is in the topic now. */
    List<ConsumerRecord<byte[], byte[]>> committed(String topic) {
        return read(Set.of(topic), "read_committed");
    }

    /** Every record that is in any topic now, internal ones and those of open and aborted transactions included, in no order. */
    List<ConsumerRecord<byte[], byte[]>> uncommitted() {
        return read(topics(), "read_uncommitted");
    }

    private List<ConsumerRecord<byte[], byte[]>> read(Set<String> topics, String isolation) {
        Map<String, Object> config = Map.of(
                "bootstrap.servers",
                bootstrapServers,
                "isolation.level",
                isolation,
                "auto.offset.reset",
                "earliest",
                "enable.auto.commit",
                false);
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = topics.stream()
                    .flatMap(topic -> consumer.partitionsFor(topic).stream())
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            Instant deadline = Instant.now().plus(PATIENCE);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                if (Instant.now().isAfter(deadline)) {
                    throw new AssertionError("The topics " + topics + " could not be read to its end");
                }
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            }
        }
        return records;
    }

    /** Writes a record of any bytes, as a program would that knows nothing of schemas. */
    void send(String topic, byte @Nullable [] key, byte @Nullable [] value, long timestamp) {
        Map<String, Object> config = Map.of("bootstrap.servers", bootstrapServers, "acks", "all");
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            var _ = producer.send(new ProducerRecord<>(topic, null, timestamp, key, value));
            producer.flush();
        }
    }

    /** The committed values of a topic, decoded; deletions left out. */
    List<GenericRecord> values(String topic) {
        return committed(topic).stream()
                .filter(found -> found.value() != null)
                .map(this::decoded)
                .toList();
    }

    /** What compaction would leave of a topic, by key. */
    Map<String, GenericRecord> newest(String topic) {
        Map<String, GenericRecord> newest = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> found : committed(topic)) {
            String key = new String(found.key(), UTF_8);
            if (found.value() == null) {
                newest.remove(key);
            } else {
                newest.put(key, decoded(found));
            }
        }
        return newest;
    }

    private GenericRecord decoded(ConsumerRecord<byte[], byte[]> found) {
        return (GenericRecord) deserializer.deserialize(found.topic(), found.value());
    }

    /** A header's text; empty when the record has none of that name. */
    static String header(ConsumerRecord<byte[], byte[]> found, String name) {
        @Nullable Header header = found.headers().lastHeader(name);
        return header == null ? "" : new String(header.value(), UTF_8);
    }

    private static <T> T await(KafkaFuture<T> future) {
        try {
            return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking Kafka", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("Kafka did not answer", e);
        }
    }

    @Override
    public void close() {
        admin.close();
        deserializer.close();
    }
}
