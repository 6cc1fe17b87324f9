package io.penstock.processor;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.jspecify.annotations.Nullable;

/**
 * Sends an entry to the same partition in every run, so that capture finds there what it remembers of the entry. The key is
 * {@code run id/processor/value}; all of it but the run counts.
 */
public final class TaskPartitioner implements StreamPartitioner<String, byte[]> {
    @Override
    public Optional<Set<Integer>> partitions(String topic, String key, byte @Nullable [] value, int numPartitions) {
        return Optional.of(Set.of(partition(key, numPartitions)));
    }

    /** The partition of the task with this key, for those who produce tasks without a topology. */
    public static int partition(String key, int numPartitions) {
        byte[] entry = key.substring(key.indexOf('/') + 1).getBytes(UTF_8);
        return Utils.toPositive(Utils.murmur2(entry)) % numPartitions;
    }
}
