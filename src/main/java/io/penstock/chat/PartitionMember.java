package io.penstock.chat;

import io.penstock.kafka.Topics;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This instance's membership in the group that shares the partitions of {@code chat.reply} out: it decides which partitions are named,
 * and nothing else. Its consumer fetches and commits nothing.
 *
 * <p>Threading: the consumer belongs to a thread of its own.
 */
final class PartitionMember implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionMember.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration AFTER_A_FAILURE = Duration.ofSeconds(1);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(1);

    private final Consumer<byte[], byte[]> consumer;
    private final ReplyPartitions partitions;
    private final Duration settling;
    private final Thread thread;
    /** When the group answered first, of {@link System#nanoTime()}; 0 before. */
    private long answeredNanos;

    private volatile boolean closed;

    /** Joins the group. The consumer is closed with this. */
    PartitionMember(Consumer<byte[], byte[]> consumer, ReplyPartitions partitions, Duration settling) {
        this.consumer = consumer;
        this.partitions = partitions;
        this.settling = settling;
        this.thread = Thread.ofPlatform().name("chat-bridge-member").daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            consumer.subscribe(List.of(Topics.CHAT_REPLY), new Listener());
            while (!closed) {
                try {
                    consumer.poll(POLL);
                    borrowIfNoneIsLeft();
                } catch (WakeupException e) {
                    LOG.debug("The chat bridge is being closed");
                } catch (RuntimeException e) {
                    LOG.warn("The group of the chat bridge cannot be followed, and is tried again", e);
                    Thread.sleep(AFTER_A_FAILURE);
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("The chat bridge is being closed");
        } finally {
            consumer.close(CloseOptions.timeout(CLOSE_PATIENCE)); // leaves the group
        }
    }

    /** Partitions come a moment after an instance has joined, since others have to give them up first. */
    private void borrowIfNoneIsLeft() {
        if (answeredNanos != 0
                && consumer.assignment().isEmpty()
                && System.nanoTime() - answeredNanos > settling.toNanos()) {
            partitions.borrow(ThreadLocalRandom.current().nextInt(ChatTopology.REPLY_PARTITIONS));
        }
    }

    private static List<Integer> numbers(Collection<TopicPartition> partitions) {
        return partitions.stream()
                .map(TopicPartition::partition)
                .filter(partition -> partition < ChatTopology.REPLY_PARTITIONS)
                .toList();
    }

    /** Called by the consumer while it polls. */
    private final class Listener implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
            consumer.pause(assigned);
            answeredNanos = answeredNanos == 0 ? System.nanoTime() : answeredNanos;
            partitions.assigned(numbers(assigned));
        }

        /** Also when the group has lost sight of this instance, and others may have them already. */
        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
            partitions.revoked(numbers(revoked));
        }
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
