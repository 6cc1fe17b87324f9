package io.penstock.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.jspecify.annotations.Nullable;

/**
 * Puts all chunks of a record into the partition that the default partitioner gives to the record's id, so that a record, its
 * chunks and its ledger entry have the same partition number.
 */
final class ChunkPartitioner<V> implements StreamPartitioner<String, V> {
    @Override
    public Optional<Set<Integer>> partitions(String topic, String chunkId, @Nullable V chunk, int numPartitions) {
        byte[] recordId = ChunkIds.recordId(chunkId).getBytes(UTF_8);
        return Optional.of(Set.of(Utils.toPositive(Utils.murmur2(recordId)) % numPartitions));
    }
}
