package io.penstock.stage;

import java.util.Collection;
import org.apache.kafka.common.TopicPartition;

/**
 * What a StreamThread reads from, as stages see it.
 *
 * <p><b>Threading.</b> {@link #wake} is for any thread; all else is for the StreamThread.
 */
interface Intake {
    /** Makes the StreamThread look for what has ended, if it waits for records. */
    void wake();

    /** Reads no more of these partitions until the holder releases them. What was read already still comes. */
    void hold(Collection<TopicPartition> partitions, Object holder);

    /** The holder holds nothing any more. */
    void release(Object holder);
}
