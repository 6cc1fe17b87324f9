package io.penstock.gateway;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Reads the dead letters of a topic from the oldest on, some at a time. What is written while they are replayed does not belong to
 * them: each page knows where the first one found the end.
 */
final class LetterScan {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int MOST_SCANNED = 20_000;
    private static final long MOST_BYTES = 16L * 1024 * 1024;
    private static final Pattern PLACE = Pattern.compile("([0-9]{1,9}):([0-9]{1,18})-([0-9]{1,18})");

    private final Consumer<byte[], byte[]> consumer;
    private final String topic;
    private final long deadline;
    private int scanned;
    private long bytes;

    LetterScan(Consumer<byte[], byte[]> consumer, String topic) {
        this(consumer, topic, PATIENCE);
    }

    /** @param patience how long is read in all */
    LetterScan(Consumer<byte[], byte[]> consumer, String topic, Duration patience) {
        this.consumer = consumer;
        this.topic = topic;
        this.deadline = System.nanoTime() + patience.toNanos();
    }

    /**
     * A dead letter.
     *
     * @param since the offset after the letter before it; its own where that is not known
     */
    record Letter(ConsumerRecord<byte[], byte[]> record, long since) {
        TopicPartition partition() {
            return new TopicPartition(record.topic(), record.partition());
        }
    }

    /** @param next where to go on; null at the end */
    record Page(List<Letter> letters, @Nullable String next) {}

    /** Where a partition is to be read. */
    private record Place(long from, long end) {}

    /** @throws PenstockException {@code dead-letter.unknown}; {@code not-ready} when it could not be read in time */
    Letter one(int partition, long offset) {
        TopicPartition place = new TopicPartition(topic, partition);
        if (partitions().contains(place)) {
            long begin = consumer.beginningOffsets(List.of(place), PATIENCE).getOrDefault(place, 0L);
            long end = consumer.endOffsets(List.of(place), PATIENCE).getOrDefault(place, 0L);
            if (offset >= begin && offset < end) {
                List<Letter> found = new ArrayList<>();
                long reached = read(place, new Place(offset, offset + 1), 1, any -> true, found);
                if (!found.isEmpty()) {
                    return found.getFirst();
                }
                if (reached <= offset) {
                    throw new PenstockException(
                            ErrorCode.NOT_READY, "The dead letter could not be read in time; try again.");
                }
            }
        }
        throw new PenstockException(
                ErrorCode.DEAD_LETTER_UNKNOWN,
                "There is no dead letter at offset " + offset + " of partition " + partition + " of " + topic + ".");
    }

    /**
     * @param since the moment from which on they were written; null for any
     * @param after the {@code next} of the page before
     */
    Page page(
            @Nullable Instant since,
            @Nullable String after,
            int limit,
            Predicate<ConsumerRecord<byte[], byte[]>> wanted) {
        TreeMap<Integer, Place> places = new TreeMap<>(after == null ? places(since) : places(after));
        List<Letter> letters = new ArrayList<>();
        while (!places.isEmpty() && letters.size() < limit && !isSpent()) {
            Map.Entry<Integer, Place> place = places.firstEntry();
            long reached = read(new TopicPartition(topic, place.getKey()), place.getValue(), limit, wanted, letters);
            if (reached >= place.getValue().end()) {
                places.remove(place.getKey());
            } else {
                places.put(place.getKey(), new Place(reached, place.getValue().end()));
            }
        }
        String next = places.entrySet().stream()
                .map(place -> place.getKey() + ":" + place.getValue().from() + "-"
                        + place.getValue().end())
                .collect(Collectors.joining(","));
        return new Page(letters, next.isEmpty() ? null : next);
    }

    private boolean isSpent() {
        return scanned >= MOST_SCANNED || bytes >= MOST_BYTES || System.nanoTime() > deadline;
    }

    /** Returns the offset from which on nothing was read. */
    private long read(
            TopicPartition partition,
            Place place,
            int limit,
            Predicate<ConsumerRecord<byte[], byte[]>> wanted,
            List<Letter> found) {
        consumer.assign(List.of(partition));
        consumer.seek(partition, place.from());
        long reached = place.from();
        boolean first = true;
        while (consumer.position(partition) < place.end() && !isSpent()) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                if (record.offset() >= place.end()) {
                    return place.end();
                }
                if (found.size() >= limit || isSpent()) {
                    return reached;
                }
                scanned++;
                if (wanted.test(record)) {
                    found.add(new Letter(record, first ? record.offset() : reached));
                    bytes += Math.max(0, record.serializedValueSize());
                }
                first = false;
                reached = record.offset() + 1;
            }
        }
        return isSpent() ? reached : place.end();
    }

    private List<TopicPartition> partitions() {
        return consumer.partitionsFor(topic, PATIENCE).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
    }

    private Map<Integer, Place> places(@Nullable Instant since) {
        List<TopicPartition> partitions = partitions();
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, PATIENCE);
        Map<TopicPartition, Long> begins = new HashMap<>(consumer.beginningOffsets(partitions, PATIENCE));
        if (since != null) {
            var times = consumer.offsetsForTimes(
                    partitions.stream().collect(Collectors.toMap(p -> p, p -> Math.max(0, since.toEpochMilli()))),
                    PATIENCE);
            for (TopicPartition partition : partitions) {
                var at = times.get(partition);
                begins.put(partition, at == null ? ends.getOrDefault(partition, 0L) : at.offset());
            }
        }
        Map<Integer, Place> places = new HashMap<>();
        for (TopicPartition partition : partitions) {
            Place place = new Place(begins.getOrDefault(partition, 0L), ends.getOrDefault(partition, 0L));
            if (place.from() < place.end()) {
                places.put(partition.partition(), place);
            }
        }
        return places;
    }

    private Map<Integer, Place> places(String after) {
        List<TopicPartition> partitions = partitions();
        Map<Integer, Place> places = new HashMap<>();
        for (String part : after.split(",", -1)) {
            Matcher place = PLACE.matcher(part);
            if (!place.matches() || !partitions.contains(new TopicPartition(topic, Integer.parseInt(place.group(1))))) {
                throw new PenstockException(
                        ErrorCode.PARAMETER_INVALID, "after is the 'next' of the page before, and nothing else.");
            }
            places.put(
                    Integer.parseInt(place.group(1)),
                    new Place(Long.parseLong(place.group(2)), Long.parseLong(place.group(3))));
        }
        return places;
    }
}
