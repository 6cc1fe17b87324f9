package io.penstock.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.kafka.Topics;
import io.penstock.schema.InstanceEntry;
import io.penstock.serde.AvroCodec;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the Kafka topic {@code instance} from its beginning.
 *
 * <p>Threading: the consumer belongs to the log's own thread once it is started; the listener is called there.
 */
final class InstanceLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(InstanceLog.class);
    private static final TopicPartition PARTITION = new TopicPartition(Topics.INSTANCE, 0);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration WAIT = Duration.ofSeconds(5);

    private final Consumer<byte[], byte[]> consumer;
    private final AvroCodec<InstanceEntry> codec;
    private final Listener listener;
    private final CountDownLatch caughtUp = new CountDownLatch(1);
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread reader;
    private long end;

    /** Takes entries in. */
    interface Listener {
        /**
         * @param entry null when the instance took itself back
         * @param live whether it was written since the log was started
         */
        void entry(String id, @Nullable InstanceEntry entry, boolean live);
    }

    /** @param consumer without a group; closed by the log */
    InstanceLog(Consumer<byte[], byte[]> consumer, AvroCodec<InstanceEntry> codec, Listener listener) {
        this.consumer = consumer;
        this.codec = codec;
        this.listener = listener;
        this.reader = Thread.ofPlatform().name("instance-log").daemon().unstarted(this::follow);
    }

    /** Begins to read, and returns when all that was there is taken in, or after a while without it. */
    void start() throws InterruptedException {
        consumer.assign(List.of(PARTITION));
        consumer.seekToBeginning(List.of(PARTITION));
        end = consumer.endOffsets(List.of(PARTITION)).getOrDefault(PARTITION, 0L);
        reader.start();
        if (!caughtUp.await(WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.warn("{} is not read to its end yet; other instances are found when it is", Topics.INSTANCE);
        }
    }

    private void follow() {
        try (consumer) {
            while (closing.getCount() > 0) {
                try {
                    // Before the poll, which would wait for a record when there is none yet.
                    if (caughtUp.getCount() > 0 && consumer.position(PARTITION) >= end) {
                        caughtUp.countDown();
                    }
                    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                        take(record);
                    }
                } catch (WakeupException e) {
                    LOG.debug("Woken to close");
                } catch (RuntimeException e) { // whatever it is: without this thread all others would seem dead
                    LOG.warn("Reading {} failed and is tried again: {}", Topics.INSTANCE, e.toString());
                    pause();
                }
            }
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        byte[] value = record.value();
        if (record.key() == null) {
            return;
        }
        try {
            listener.entry(
                    new String(record.key(), UTF_8),
                    value == null ? null : codec.decode(value),
                    record.offset() >= end);
        } catch (RuntimeException e) {
            LOG.warn("{}-0@{} is passed over: {}", Topics.INSTANCE, record.offset(), e.getMessage());
        }
    }

    private void pause() {
        try {
            var _ = closing.await(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closing.countDown();
        }
    }

    @Override
    public void close() {
        closing.countDown();
        consumer.wakeup();
        try {
            if (reader.getState() == Thread.State.NEW) {
                consumer.close();
            } else {
                reader.join(Duration.ofSeconds(2));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
