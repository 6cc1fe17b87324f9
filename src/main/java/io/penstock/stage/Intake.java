package io.penstock.stage;

import java.util.Collection;
import org.apache.kafka.common.TopicPartition;

/**
 * What a StreamThread reads from and writes to, as stages see it.
 *
 * <p><b>Threading.</b> {@link #wake} is for any thread; all else is for the StreamThread.
 */
interface Intake {
    /** Makes the StreamThread look for what has ended: it does not wait for records for long until the task has looked. */
    void wake(Object task);

    /** The task looks now for what has ended. */
    void looked(Object task);

    /**
     * How often everything that this StreamThread has sent was acknowledged: what was forwarded under a lower count has arrived.
     * Under exactly-once it does not count, for there the transaction decides.
     */
    long flushes();

    /** Reads no more of these partitions until the holder releases them. What was read already still comes. */
    void hold(Collection<TopicPartition> partitions, Object holder);

    /** The holder holds nothing any more. */
    void release(Object holder);
}
