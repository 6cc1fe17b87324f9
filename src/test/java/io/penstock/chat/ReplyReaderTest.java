package io.penstock.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.kafka.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReplyReaderTest {
    private static final int LEADERLESS = 0;

    /** Never finds the end of one partition. */
    private static final class WithoutALeader extends MockConsumer<byte[], byte[]> {
        private volatile boolean elected;
        private volatile Duration longestPatience = Duration.ZERO;

        private WithoutALeader() {
            super("latest");
            updateEndOffsets(IntStream.range(0, ChatTopology.REPLY_PARTITIONS)
                    .boxed()
                    .collect(Collectors.toMap(n -> new TopicPartition(Topics.CHAT_REPLY, n), n -> 100L + n)));
        }

        @Override
        public synchronized long position(TopicPartition partition, Duration timeout) {
            if (timeout.compareTo(longestPatience) > 0) {
                longestPatience = timeout;
            }
            if (partition.partition() == LEADERLESS && !elected) {
                throw new TimeoutException("there is no leader");
            }
            return super.position(partition, timeout);
        }
    }

    @Test
    void shouldReadTheOtherPartitionsWhileOneHasNoLeader() {
        WithoutALeader consumer = new WithoutALeader();
        Queue<String> read = new ConcurrentLinkedQueue<>();
        ReplyPartitions partitions = new ReplyPartitions(() -> {});
        partitions.assigned(List.of(LEADERLESS, 1, 2));

        try (ReplyReader reader = new ReplyReader(
                consumer,
                partitions,
                new ReadingPace(),
                record -> read.add(record.partition() + "@" + record.offset()))) {
            reader.start();
            await().until(() -> partitions.named().equals(Set.of(1, 2)));
            assertThat(reader.position(2)).isEqualTo(102);
            consumer.addRecord(new ConsumerRecord<>(Topics.CHAT_REPLY, 2, 102, new byte[0], new byte[0]));
            await().until(() -> read.contains("2@102"));
            assertThat(consumer.longestPatience)
                    .as("while it is waited for, nothing is read")
                    .isLessThan(Duration.ofMillis(10));

            consumer.elected = true;
            await().until(() -> partitions.named().equals(Set.of(LEADERLESS, 1, 2)));
        }
    }
}
