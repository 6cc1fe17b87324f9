package io.penstock.mirror;

import io.penstock.kafka.KafkaSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * How far a mirror is, as its consumer group remembers it. Beside each offset stands when it was committed, since deletions are
 * compacted away after a time, or that a rebuild has begun and is not complete.
 */
final class MirrorGroup {
    /**
     * How old an offset may be to go on from. Brokers keep deletions in changelogs for a day unless told otherwise; those that came
     * and went while nobody read would be missed.
     */
    static final Duration LONGEST_ABSENCE = Duration.ofHours(12);

    private static final String REBUILDING = "rebuilding";
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int FETCH_BYTES = 1024 * 1024;
    private static final int MAX_RECORDS = 200;
    private static final int METADATA_AGE_MS = 30_000;

    private final Consumer<byte[], byte[]> consumer;
    private Map<TopicPartition, Long> committed = Map.of();

    MirrorGroup(Consumer<byte[], byte[]> consumer) {
        this.consumer = consumer;
    }

    /** Settings of a mirror's consumer. */
    static Map<String, Object> consumerSettings(KafkaSettings kafka, String mirror, String instanceId) {
        Map<String, Object> settings = new HashMap<>(kafka.consumer("earliest"));
        settings.put(ConsumerConfig.GROUP_ID_CONFIG, "penstock-mirror-" + mirror);
        settings.put(ConsumerConfig.CLIENT_ID_CONFIG, instanceId + "-mirror-" + mirror);
        settings.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "classic");
        settings.put(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, List.of(OneOwnerAssignor.class));
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, MAX_RECORDS);
        // A larger record comes all the same, alone.
        settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES);
        settings.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, METADATA_AGE_MS);
        return settings;
    }

    /** Whether what is committed is enough to go on from; if not, all must be read again. */
    boolean canGoOn(Set<TopicPartition> partitions, Instant now) {
        Map<TopicPartition, OffsetAndMetadata> found = consumer.committed(partitions, PATIENCE);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, PATIENCE);
        for (TopicPartition partition : partitions) {
            OffsetAndMetadata last = found.get(partition);
            if (last == null || last.offset() > ends.getOrDefault(partition, 0L) || isTooOld(last.metadata(), now)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isTooOld(String metadata, Instant now) {
        try {
            return Instant.ofEpochMilli(Long.parseLong(metadata))
                    .plus(LONGEST_ABSENCE)
                    .isBefore(now);
        } catch (NumberFormatException e) {
            return true; // a rebuild was not completed
        }
    }

    /** Goes back to the beginning, and sees to it that whoever comes next does so too until {@link #commit}. */
    void rewind(Set<TopicPartition> partitions) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        partitions.forEach(partition -> offsets.put(partition, new OffsetAndMetadata(0, REBUILDING)));
        consumer.commitSync(offsets, PATIENCE);
        consumer.seekToBeginning(partitions);
        committed = Map.of();
    }

    /** Commits that all that was read is in the mirror. */
    void commit(Set<TopicPartition> partitions, Instant now) {
        String at = Long.toString(now.toEpochMilli());
        Map<TopicPartition, Long> positions = positions(partitions);
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        positions.forEach((partition, offset) -> offsets.put(partition, new OffsetAndMetadata(offset, at)));
        consumer.commitSync(offsets, PATIENCE);
        committed = positions;
    }

    boolean hasMoved(Set<TopicPartition> partitions) {
        return !positions(partitions).equals(committed);
    }

    Map<TopicPartition, Long> positions(Collection<TopicPartition> partitions) {
        Map<TopicPartition, Long> positions = new HashMap<>();
        partitions.forEach(partition -> positions.put(partition, consumer.position(partition, PATIENCE)));
        return positions;
    }

    Map<TopicPartition, Long> ends(Set<TopicPartition> partitions) {
        return consumer.endOffsets(partitions, PATIENCE);
    }

    /** Records between the positions and the ends, as the last fetches said; empty when one is not known. */
    OptionalLong lag(Set<TopicPartition> partitions) {
        long sum = 0;
        for (TopicPartition partition : partitions) {
            OptionalLong lag = consumer.currentLag(partition);
            if (lag.isEmpty()) {
                return OptionalLong.empty();
            }
            sum += lag.getAsLong();
        }
        return OptionalLong.of(sum);
    }
}
