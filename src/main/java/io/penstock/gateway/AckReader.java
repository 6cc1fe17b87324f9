package io.penstock.gateway;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.Topics;
import io.penstock.schema.FenceAck;
import io.penstock.serde.AvroCodec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads what stages acknowledge. Used by one thread. */
final class AckReader implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AckReader.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final TopicPartition ACKNOWLEDGEMENTS = new TopicPartition(Topics.FENCE_ACK, 0);

    private final Consumer<byte[], byte[]> consumer;
    private final AvroCodec<FenceAck> codec;

    /** @param consumer without a group, which the reader closes; nothing else may use it */
    AckReader(Consumer<byte[], byte[]> consumer, AvroCodec<FenceAck> codec) {
        this.consumer = consumer;
        this.codec = codec;
    }

    /** Reads what was acknowledged since. */
    void begin(Instant from) {
        consumer.assign(List.of(ACKNOWLEDGEMENTS));
        var offset = consumer.offsetsForTimes(Map.of(ACKNOWLEDGEMENTS, from.toEpochMilli()))
                .get(ACKNOWLEDGEMENTS);
        if (offset == null) {
            consumer.seekToBeginning(List.of(ACKNOWLEDGEMENTS));
        } else {
            consumer.seek(ACKNOWLEDGEMENTS, offset.offset());
        }
    }

    /** Reads what is acknowledged from now on. */
    void beginNow() {
        consumer.assign(List.of(ACKNOWLEDGEMENTS));
        consumer.seekToEnd(List.of(ACKNOWLEDGEMENTS));
        consumer.position(ACKNOWLEDGEMENTS); // the end as it is now, not as it is when it is first read
    }

    /** What has come; waits a moment when that is nothing. */
    List<FenceAck> poll() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        List<FenceAck> acks = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
            FenceAck ack = read(record);
            if (ack != null) {
                acks.add(ack);
            }
        }
        return acks;
    }

    /** Null for what is no acknowledgement: one bad record must not hold up every deletion. */
    private @Nullable FenceAck read(ConsumerRecord<byte[], byte[]> record) {
        if (record.value() == null) {
            return null;
        }
        try {
            return codec.decode(record.value());
        } catch (PenstockException e) {
            if (e.code() == ErrorCode.NOT_READY) {
                throw e;
            }
            LOG.debug("{}-0@{} is passed over: {}", Topics.FENCE_ACK, record.offset(), e.detail());
            return null;
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}
