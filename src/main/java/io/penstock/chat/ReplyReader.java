package io.penstock.chat;

import io.penstock.kafka.Topics;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the partitions of {@code chat.reply} that {@link ReplyPartitions} wants. One that comes is read from its end, and known when
 * that was found; those that stay go on where they are.
 *
 * <p>Threading: the consumer belongs to a thread of its own, which hands the records out.
 */
final class ReplyReader implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReplyReader.class);
    private static final Duration POLL = Duration.ofMillis(500);
    /** While the end of a partition is being looked for, which goes on as long as the consumer polls. */
    private static final Duration POLL_FOR_ENDS = Duration.ofMillis(20);

    private static final Duration END_PATIENCE = Duration.ofMillis(1);
    private static final Duration AFTER_A_FAILURE = Duration.ofSeconds(1);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(1);

    private final Consumer<byte[], byte[]> consumer;
    private final ReplyPartitions partitions;
    private final java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> records;
    private final ReadingPace pace;
    private final Thread thread;
    /** Offset of the next record, by partition. */
    private final AtomicLongArray positions = new AtomicLongArray(ChatTopology.REPLY_PARTITIONS);

    private Set<Integer> assigned = Set.of();
    private volatile boolean closed;

    /**
     * @param consumer without a group; it is closed with this
     * @param records called for each record, and must not throw
     */
    ReplyReader(
            Consumer<byte[], byte[]> consumer,
            ReplyPartitions partitions,
            ReadingPace pace,
            java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> records) {
        this.pace = pace;
        this.consumer = consumer;
        this.partitions = partitions;
        this.records = records;
        this.thread = Thread.ofPlatform().name("chat-bridge-reader").daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Makes the reader look at what is wanted now. */
    void wakeUp() {
        consumer.wakeup();
        LockSupport.unpark(thread);
    }

    /** Where reading has come to in a partition that is read: replies to requests sent after this call are there or behind. */
    long position(int partition) {
        return positions.get(partition);
    }

    private void run() {
        try {
            while (!closed) {
                try {
                    follow();
                    if (assigned.isEmpty()) {
                        awaitPartitions();
                        continue;
                    }
                    ConsumerRecords<byte[], byte[]> found =
                            consumer.poll(partitions.unknown().isEmpty() ? POLL : POLL_FOR_ENDS);
                    for (ConsumerRecord<byte[], byte[]> record : found) {
                        records.accept(record);
                        positions.lazySet(record.partition(), record.offset() + 1);
                    }
                    if (!found.isEmpty() && !pace.isPrompt() && !closed) {
                        LockSupport.parkNanos(this, ReadingPace.PAUSE.toNanos());
                    }
                } catch (WakeupException e) {
                    LOG.debug("The chat bridge reads other partitions, or is being closed");
                } catch (RuntimeException e) {
                    LOG.warn("Replies cannot be read, which is tried again", e);
                    Thread.sleep(AFTER_A_FAILURE);
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("The chat bridge is being closed");
        } finally {
            consumer.close(CloseOptions.timeout(CLOSE_PATIENCE));
        }
    }

    /** A consumer without partitions cannot be polled. */
    private static void awaitPartitions() throws InterruptedException {
        Thread.sleep(5);
    }

    private void follow() {
        Set<Integer> wanted = partitions.wanted();
        if (!wanted.equals(assigned)) {
            Set<Integer> come = new HashSet<>(wanted);
            come.removeAll(assigned);
            consumer.assign(topicPartitions(wanted)); // those that stay keep their positions
            if (!come.isEmpty()) { // no partitions would mean all
                consumer.seekToEnd(topicPartitions(come));
            }
            assigned = wanted;
        }
        for (int partition : partitions.unknown()) {
            if (!assigned.contains(partition)) {
                continue; // it has just come
            }
            try {
                positions.set(
                        partition, consumer.position(new TopicPartition(Topics.CHAT_REPLY, partition), END_PATIENCE));
                partitions.known(partition);
            } catch (TimeoutException e) {
                // One without a leader may take long; the others, and what is read already, do not wait for it.
                LOG.debug("The end of partition {} is not found yet", partition, e);
            }
        }
    }

    private static Set<TopicPartition> topicPartitions(Collection<Integer> numbers) {
        Set<TopicPartition> found = new HashSet<>();
        numbers.forEach(number -> found.add(new TopicPartition(Topics.CHAT_REPLY, number)));
        return found;
    }

    @Override
    public void close() {
        closed = true;
        consumer.wakeup();
        try {
            if (!thread.join(CLOSE_PATIENCE.multipliedBy(2))) {
                thread.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
