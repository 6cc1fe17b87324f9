package io.penstock.query;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads one partition from its end, although Kafka reads forward only: window by window, each before the one that was read last.
 * Called by one thread, which shares the consumer between the tails of one question.
 */
final class DeadLetterTail {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final int LEAST_WINDOW = 32;
    private static final int MOST_WINDOW = 2_000;

    private final Consumer<byte[], byte[]> consumer;
    private final TopicPartition partition;
    private final long lowest;
    private final long first;
    private final Function<ConsumerRecord<byte[], byte[]>, ObjectNode> json;
    private final Predicate<ObjectNode> filter;
    private final Budget budget;
    private final Deque<Found> found = new ArrayDeque<>();
    private int window;
    private long unread;

    private record Found(long offset, long time, ObjectNode letter) {}

    /** What all tails of one question may read together. */
    static final class Budget {
        private int records;
        private final long deadlineNanos;

        Budget(int records, long deadlineNanos) {
            this.records = records;
            this.deadlineNanos = deadlineNanos;
        }

        boolean isSpent() {
            return records <= 0 || System.nanoTime() > deadlineNanos;
        }

        boolean isLate() {
            return System.nanoTime() > deadlineNanos;
        }
    }

    /**
     * @param lowest the first offset that is wanted
     * @param end the offset after the last that is wanted
     * @param wanted how many letters are wanted at least
     */
    DeadLetterTail(
            Consumer<byte[], byte[]> consumer,
            TopicPartition partition,
            long lowest,
            long end,
            int wanted,
            Function<ConsumerRecord<byte[], byte[]>, ObjectNode> json,
            Predicate<ObjectNode> filter,
            Budget budget) {
        this.consumer = consumer;
        this.partition = partition;
        this.lowest = lowest;
        this.first = end;
        this.unread = end;
        // Every transaction leaves a marker, which takes an offset too.
        this.window = Math.clamp(2L * wanted, LEAST_WINDOW, MOST_WINDOW);
        this.json = json;
        this.filter = filter;
        this.budget = budget;
    }

    /** Reads until there is a letter to show or nothing more; false when the budget ends before that. */
    boolean fill() {
        while (found.isEmpty() && unread > lowest) {
            if (budget.isSpent() || !readWindow()) {
                return false;
            }
        }
        return true;
    }

    private boolean readWindow() {
        long start = Math.max(lowest, unread - window);
        List<Found> read = new ArrayList<>();
        consumer.assign(List.of(partition));
        consumer.seek(partition, start);
        while (consumer.position(partition) < unread) {
            if (budget.isLate()) {
                return false; // the newest of the window is what has not been read
            }
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                budget.records--;
                if (budget.isLate()) { // decoding may wait for a registry that is away
                    return false;
                }
                if (record.offset() < unread && record.offset() >= lowest) {
                    ObjectNode letter = json.apply(record);
                    if (filter.test(letter)) {
                        read.add(new Found(record.offset(), record.timestamp(), letter));
                    }
                }
            }
        }
        unread = start;
        window = Math.min(2 * window, MOST_WINDOW);
        found.addAll(read.reversed());
        return true;
    }

    TopicPartition partition() {
        return partition;
    }

    boolean hasNext() {
        return !found.isEmpty();
    }

    long time() {
        return found.getFirst().time();
    }

    ObjectNode next() {
        return found.removeFirst().letter();
    }

    boolean isDone() {
        return found.isEmpty() && unread <= lowest;
    }

    boolean hasMoved() {
        return unread < first;
    }

    /** The offset after the newest letter that has not been shown. */
    long bound() {
        return found.isEmpty() ? unread : found.getFirst().offset() + 1;
    }
}
