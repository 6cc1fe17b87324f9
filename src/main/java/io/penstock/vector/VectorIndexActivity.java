package io.penstock.vector;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.streams.processor.TaskId;

/**
 * What the stores of one topology instance did, for metrics, and which items were completed, for searches. The processor that
 * announces an item and the store that holds it meet here: Streams hands a processor only wrappers of a store.
 *
 * <p>Threading: any thread may read; a task's completions are counted by the thread that owns the task.
 */
public final class VectorIndexActivity {
    private final LongAdder indexed = new LongAdder();
    private final LongAdder deleted = new LongAdder();
    private final LongAdder restored = new LongAdder();
    private final LongAdder skipped = new LongAdder();
    private final Map<TaskId, AtomicLong> completed = new ConcurrentHashMap<>();

    /** Chunks put into the index, restored ones included. */
    public long indexed() {
        return indexed.sum();
    }

    /** Deletions applied, restored ones included. */
    public long deleted() {
        return deleted.sum();
    }

    /** Records replayed from the topic to bring a store up to date. */
    public long restored() {
        return restored.sum();
    }

    /** Values that were no chunk, or an impossible one. */
    public long skipped() {
        return skipped.sum();
    }

    void chunkIndexed() {
        indexed.increment();
    }

    void chunkDeleted() {
        deleted.increment();
    }

    void recordsRestored(int count) {
        restored.add(count);
    }

    void valueSkipped() {
        skipped.increment();
    }

    /** To be called once the store has applied the last record of an item. */
    void itemCompleted(TaskId task) {
        completions(task).incrementAndGet();
    }

    long completedItems(TaskId task) {
        return completions(task).get();
    }

    private AtomicLong completions(TaskId task) {
        return completed.computeIfAbsent(task, absent -> new AtomicLong());
    }
}
