package io.penstock.stage;

import java.util.Collection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/**
 * What a StreamThread reads from and writes to, as stages see it.
 *
 * <p><b>Threading.</b> {@link #wake} is for any thread; all else is for the StreamThread.
 */
interface Intake {
    /** What is woken up for. */
    interface Task {
        /** Whether something is there to be looked at. */
        boolean hasUnseen();
    }

    /**
     * Makes the StreamThread look for what has ended: it does not wait for records for long as long as the task has something that
     * it has not seen. To be called after that is there.
     */
    void wake(Task task);

    /** The task looks now for what has ended. */
    void looked(Task task);

    /**
     * How often everything that this StreamThread has sent was acknowledged: what was forwarded under a lower count has arrived.
     * Under exactly-once it does not count, for there the transaction decides.
     */
    long flushes();

    /** A record that was read has arrived at a stage. May be told more than once in a row. */
    void arrived(RecordMetadata origin);

    /**
     * Whether the last poll brought records that have not arrived at a stage. Some never do, because something before the stage kept
     * them; then it stays so until the next poll.
     */
    boolean hasMore();

    /** Reads no more of these partitions until the holder releases them. What was read already still comes. */
    void hold(Collection<TopicPartition> partitions, Object holder);

    /** The holder holds nothing any more. */
    void release(Object holder);
}
