package io.penstock.chat;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * Partitions that took no record in time. Each is left alone for some seconds and then tried by one record at a time, so that those who
 * write to it do not all wait for it to no purpose, and have others wait for them.
 *
 * <p><b>Threading.</b> May be used from any thread. Time is passed in, in nanoseconds of any clock that does not go back.
 */
final class Refusals {
    static final Duration LEFT_ALONE = Duration.ofSeconds(5);
    /** What nobody tries any more. */
    private static final Duration FORGOTTEN = Duration.ofMinutes(1);

    private final Map<TopicPartition, Refusal> refusals = new HashMap<>();

    private static final class Refusal {
        private final long untilNanos;
        private boolean tried;

        private Refusal(long untilNanos) {
            this.untilNanos = untilNanos;
        }
    }

    /** How long the partition is left alone yet; zero or less when it may be tried. */
    synchronized Duration leftAlone(TopicPartition partition, long now) {
        Refusal refusal = refusals.get(partition);
        return refusal == null ? Duration.ZERO : Duration.ofNanos(refusal.untilNanos - now);
    }

    /**
     * Whether a record may be written to a partition that is not left alone. If so, {@link #tried} must follow; until then no other may, if
     * the partition took none before.
     */
    synchronized boolean mayTry(TopicPartition partition) {
        Refusal refusal = refusals.get(partition);
        if (refusal == null) {
            return true;
        }
        boolean alone = !refusal.tried;
        refusal.tried = true;
        return alone;
    }

    /** It took a record. */
    synchronized void taken(TopicPartition partition) {
        refusals.remove(partition);
    }

    /** It took none in time. */
    synchronized void refused(TopicPartition partition, long now) {
        refusals.values().removeIf(refusal -> now - refusal.untilNanos > FORGOTTEN.toNanos());
        refusals.put(partition, new Refusal(now + LEFT_ALONE.toNanos()));
    }

    /** What became of the record is known, or never will be: the next may try. */
    synchronized void tried(TopicPartition partition) {
        Refusal refusal = refusals.get(partition);
        if (refusal != null) {
            refusal.tried = false;
        }
    }
}
