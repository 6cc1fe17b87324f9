package io.penstock.processor;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.run.RunIds;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TaskPartitionerTest {
    private final TaskPartitioner partitioner = new TaskPartitioner();

    @Test
    void shouldSendAnEntryToTheSamePartitionInEveryRun() {
        Set<Set<Integer>> seen = new HashSet<>();
        for (int run = 0; run < 20; run++) {
            seen.add(partition("run-" + run, "a/b"));
        }

        assertThat(seen).hasSize(1);
    }

    @Test
    void shouldSpreadTheEntriesOfARun() {
        Set<Set<Integer>> seen = new HashSet<>();
        for (int value = 0; value < 50; value++) {
            seen.add(partition("run-1", "v" + value));
        }

        assertThat(seen).hasSize(4);
    }

    private Set<Integer> partition(String run, String value) {
        return partitioner
                .partitions("capture.task", RunIds.taskKey(run, "p1", value), new byte[0], 4)
                .orElseThrow();
    }
}
