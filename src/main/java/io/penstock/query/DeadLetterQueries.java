package io.penstock.query;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.KafkaSettings;
import io.penstock.kafka.Topics;
import io.penstock.serde.AnyAvro;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Looks at what could not be processed: the dead letters of the topologies, and the alerts and records that were rejected, newest
 * first. Reads Kafka itself, with a consumer of its own for each question, so that any instance can answer. One question reads no
 * more than its budget of records and time, and says where to go on. May be called from any thread.
 */
public final class DeadLetterQueries {
    private static final Duration KAFKA_PATIENCE = Duration.ofSeconds(5);
    private static final Duration READING = Duration.ofSeconds(5);
    private static final int MAX_SCANNED = 20_000;
    private static final int FETCH_WAIT_MS = 5;
    private static final int AT_ONCE = 4;
    private static final Duration QUEUE_PATIENCE = Duration.ofSeconds(2);
    /** Beside their dead letters, what these topologies refuse has a topic of its own. */
    private static final Map<String, String> REJECTIONS =
            Map.of("alert-fanout", Topics.ALERT_REJECTED, "enrichment", Topics.ENRICHMENT_REJECTED);

    private static final Pattern BOUND = Pattern.compile("([a-zA-Z0-9._-]{1,249})/([0-9]{1,9}):([0-9]{1,18})");

    private final Supplier<Consumer<byte[], byte[]>> consumers;
    private final DeadLetterJson json;
    private final List<String> topologies;
    private final Semaphore permits = new Semaphore(AT_ONCE);

    /**
     * @param consumers makes consumers without a group, with {@link #consumerSettings}
     * @param topologies that have dead letters
     */
    public DeadLetterQueries(
            Supplier<Consumer<byte[], byte[]>> consumers,
            AnyAvro avro,
            java.util.Collection<String> topologies,
            Replays replays) {
        this.consumers = consumers;
        this.json = new DeadLetterJson(avro, replays);
        this.topologies = List.copyOf(topologies);
    }

    /** Which letters were sent to their source again. */
    @FunctionalInterface
    public interface Replays {
        boolean isReplayed(TopicPartition partition, long offset);
    }

    /** The settings of such a consumer: it reads what is there, and must not wait on one partition for more while it wants another. */
    public static Map<String, Object> consumerSettings(KafkaSettings kafka) {
        Map<String, Object> settings = new HashMap<>(kafka.consumer("earliest"));
        settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_WAIT_MS);
        return settings;
    }

    /**
     * Which letters are wanted; all but the limit optional.
     *
     * @param code stable error code
     * @param from the first moment, inclusive, at which they were written
     * @param to the last, inclusive
     * @param after the {@code next} of the page before
     */
    public record Wanted(
            @Nullable String topology,
            @Nullable String code,
            @Nullable Instant from,
            @Nullable Instant to,
            @Nullable String after,
            int limit) {}

    /**
     * Letters, newest first.
     *
     * @param next the {@code after} of what is older, null when there is nothing; a page may be empty and yet have a next one, when
     *     little of what was read is wanted
     */
    public record Page(List<ObjectNode> letters, @Nullable String next) {}

    /** @throws PenstockException {@code topology.unknown}, {@code parameter.invalid}, {@code busy}, {@code not-ready} */
    public Page page(Wanted wanted) throws InterruptedException {
        Map<String, String> topics = topics(wanted.topology());
        Optional<Map<TopicPartition, Long>> bounds =
                Optional.ofNullable(wanted.after()).map(DeadLetterQueries::bounds);
        if (!permits.tryAcquire(QUEUE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new PenstockException(ErrorCode.BUSY, "Others are reading dead letters; try again.");
        }
        try (Consumer<byte[], byte[]> consumer = consumers.get()) {
            return read(consumer, wanted, topics, bounds);
        } catch (KafkaException e) {
            throw new PenstockException(ErrorCode.NOT_READY, "Kafka cannot be read now; try again.", e);
        } finally {
            permits.release();
        }
    }

    /** The topology of each Kafka topic to be read. */
    private Map<String, String> topics(@Nullable String topology) {
        if (topology != null && !topologies.contains(topology)) {
            throw new PenstockException(
                    ErrorCode.TOPOLOGY_UNKNOWN,
                    "There is no topology '" + topology + "'; there are "
                            + topologies.stream().sorted().collect(Collectors.joining(", ")) + ".");
        }
        Map<String, String> topics = new HashMap<>();
        for (String name : topology == null ? topologies : List.of(topology)) {
            topics.put(Topics.deadLetter(name), name);
            if (REJECTIONS.containsKey(name)) {
                topics.put(REJECTIONS.get(name), name);
            }
        }
        return topics;
    }

    private Page read(
            Consumer<byte[], byte[]> consumer,
            Wanted wanted,
            Map<String, String> topics,
            Optional<Map<TopicPartition, Long>> bounds) {
        List<TopicPartition> partitions = partitions(consumer, topics);
        Map<TopicPartition, Long> lowest = wanted.from() == null
                ? consumer.beginningOffsets(partitions, KAFKA_PATIENCE)
                : offsets(consumer, partitions, wanted.from().toEpochMilli());
        Map<TopicPartition, Long> highest = consumer.endOffsets(partitions, KAFKA_PATIENCE);
        if (wanted.to() != null) {
            offsets(consumer, partitions, wanted.to().toEpochMilli() + 1)
                    .forEach((partition, offset) -> highest.merge(partition, offset, Math::min));
        }
        Predicate<ObjectNode> filter = wanted.code() == null
                ? letter -> true
                : letter -> letter.path("code").asText().equals(wanted.code());
        DeadLetterTail.Budget budget = new DeadLetterTail.Budget(MAX_SCANNED, System.nanoTime() + READING.toNanos());
        List<DeadLetterTail> tails = new ArrayList<>();
        for (TopicPartition partition : partitions) {
            long end = highest.getOrDefault(partition, 0L);
            long bound = bounds.map(known -> known.getOrDefault(partition, 0L)).orElse(end);
            tails.add(new DeadLetterTail(
                    consumer,
                    partition,
                    lowest.getOrDefault(partition, 0L),
                    Math.min(end, bound),
                    wanted.limit(),
                    record -> json.letter(topics.getOrDefault(record.topic(), ""), record),
                    filter,
                    budget));
        }
        return merge(tails, wanted.limit());
    }

    private static Page merge(List<DeadLetterTail> tails, int limit) {
        List<ObjectNode> letters = new ArrayList<>();
        boolean behind = true;
        while (letters.size() < limit && behind) {
            // Until each partition shows its newest, it is not known whose is the newest of all.
            behind = tails.stream().allMatch(DeadLetterTail::fill);
            Optional<DeadLetterTail> newest =
                    tails.stream().filter(DeadLetterTail::hasNext).max(Comparator.comparing(DeadLetterTail::time));
            if (!behind || newest.isEmpty()) {
                break;
            }
            letters.add(newest.get().next());
        }
        if (!behind && letters.isEmpty() && tails.stream().noneMatch(DeadLetterTail::hasMoved)) {
            throw new PenstockException(ErrorCode.NOT_READY, "Kafka is too slow to be read now; try again.");
        }
        String next = tails.stream()
                .filter(tail -> !tail.isDone())
                .map(tail -> tail.partition().topic() + "/" + tail.partition().partition() + ":" + tail.bound())
                .collect(Collectors.joining(","));
        return new Page(letters, next.isEmpty() ? null : next);
    }

    private static List<TopicPartition> partitions(Consumer<byte[], byte[]> consumer, Map<String, String> topics) {
        Map<String, List<PartitionInfo>> known = consumer.listTopics(KAFKA_PATIENCE);
        return topics.keySet().stream()
                .sorted()
                .flatMap(topic -> known.getOrDefault(topic, List.of()).stream())
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .toList();
    }

    /** The first offset of each partition at or after a moment; its end where there is none. */
    private static Map<TopicPartition, Long> offsets(
            Consumer<byte[], byte[]> consumer, List<TopicPartition> partitions, long moment) {
        Map<TopicPartition, Long> offsets = new HashMap<>(consumer.endOffsets(partitions, KAFKA_PATIENCE));
        Map<TopicPartition, Long> asked =
                partitions.stream().collect(Collectors.toMap(p -> p, p -> Math.max(0, moment)));
        for (Map.Entry<TopicPartition, @Nullable OffsetAndTimestamp> found :
                consumer.offsetsForTimes(asked, KAFKA_PATIENCE).entrySet()) {
            OffsetAndTimestamp at = found.getValue();
            if (at != null) {
                offsets.put(found.getKey(), at.offset());
            }
        }
        return offsets;
    }

    private static Map<TopicPartition, Long> bounds(String after) {
        Map<TopicPartition, Long> bounds = new HashMap<>();
        for (String part : after.split(",", -1)) {
            var found = BOUND.matcher(part);
            if (!found.matches()) {
                throw new PenstockException(
                        ErrorCode.PARAMETER_INVALID, "after is the 'next' of the page before, and nothing else.");
            }
            bounds.put(
                    new TopicPartition(found.group(1), Integer.parseInt(found.group(2))),
                    Long.parseLong(found.group(3)));
        }
        return bounds;
    }
}
