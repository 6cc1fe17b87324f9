package io.penstock.capture;

import io.penstock.record.RecordId;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.jspecify.annotations.Nullable;

/** A record goes where its id says; the order to sweep a processor goes everywhere, since its records are everywhere. */
record RawPartitions() implements StreamPartitioner<String, byte[]> {
    @Override
    public Optional<Set<Integer>> partitions(String topic, String key, byte @Nullable [] value, int numPartitions) {
        return value == null && RecordId.isProcessorPrefix(key)
                ? Optional.of(IntStream.range(0, numPartitions).boxed().collect(Collectors.toSet()))
                : Optional.empty();
    }
}
