package io.penstock.stage;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/** Notes what a stage does to its intake. */
final class HandIntake implements Intake {
    final Set<TopicPartition> held = new HashSet<>();
    int wakes;
    long flushes;

    @Override
    public void wake(Object task) {
        wakes++;
    }

    @Override
    public void looked(Object task) {
        wakes = 0;
    }

    @Override
    public long flushes() {
        return flushes;
    }

    @Override
    public void hold(Collection<TopicPartition> partitions, Object holder) {
        held.addAll(partitions);
    }

    @Override
    public void release(Object holder) {
        held.clear();
    }
}
