package io.penstock.gateway;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes records of several Kafka topics at once or not at all, one transaction after the other. May be used from any thread. */
public final class Transactions implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Transactions.class);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(2);

    private final Supplier<Producer<byte[], byte[]>> producers;
    private @Nullable Producer<byte[], byte[]> producer;

    /** @param producers makes a transactional producer, not yet initialised */
    public Transactions(Supplier<Producer<byte[], byte[]>> producers) {
        this.producers = producers;
    }

    /**
     * @param failed what to say when it was not written, or may not have been
     * @throws PenstockException {@code not-ready}
     */
    synchronized void commit(List<ProducerRecord<byte[], byte[]>> records, String failed) {
        try {
            Producer<byte[], byte[]> current = current();
            current.beginTransaction();
            for (ProducerRecord<byte[], byte[]> record : records) {
                var _ = current.send(record); // a failed send fails the commit
            }
            current.commitTransaction();
        } catch (KafkaException | IllegalStateException e) {
            throw abandoned(failed, e);
        }
    }

    /** @throws PenstockException {@code not-ready} */
    synchronized int partitionsOf(String topic) {
        try {
            return current().partitionsFor(topic).size();
        } catch (KafkaException | IllegalStateException e) {
            throw abandoned("The partitions of " + topic + " are not known; try again.", e);
        }
    }

    private Producer<byte[], byte[]> current() {
        Producer<byte[], byte[]> current = producer;
        if (current == null) {
            current = producers.get();
            producer = current;
            current.initTransactions();
        }
        return current;
    }

    /**
     * Whatever state the producer is in, the next call begins with a new one of the same transactional id, whose start ends the
     * transaction that this one may have left open.
     */
    private PenstockException abandoned(String failed, RuntimeException cause) {
        close();
        LOG.warn("{}", failed, cause);
        return new PenstockException(ErrorCode.NOT_READY, failed, cause);
    }

    @Override
    public synchronized void close() {
        if (producer != null) {
            producer.close(CLOSE_PATIENCE);
            producer = null;
        }
    }
}
