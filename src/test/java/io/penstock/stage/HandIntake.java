package io.penstock.stage;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/** Notes what a stage does to its intake. */
final class HandIntake implements Intake {
    private final Map<TopicPartition, Set<Object>> holders = new HashMap<>();
    int wakes;
    long flushes;
    /** Records that were read, and those of them that have arrived. */
    int read;

    private int arrived;

    @Override
    public void wake(Task task) {
        wakes++;
    }

    @Override
    public void looked(Task task) {
        wakes = 0;
    }

    @Override
    public long flushes() {
        return flushes;
    }

    @Override
    public void arrived(RecordMetadata origin) {
        arrived++;
    }

    @Override
    public boolean hasMore() {
        return arrived < read;
    }

    @Override
    public void hold(Collection<TopicPartition> partitions, Object holder) {
        partitions.forEach(partition ->
                holders.computeIfAbsent(partition, _ -> new HashSet<>()).add(holder));
    }

    @Override
    public void release(Object holder) {
        holders.values().removeIf(all -> all.remove(holder) && all.isEmpty());
    }

    /** Partitions that somebody holds. */
    Set<TopicPartition> held() {
        return holders.keySet();
    }
}
