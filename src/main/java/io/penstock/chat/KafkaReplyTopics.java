package io.penstock.chat;

import io.penstock.error.ErrorCode;
import io.penstock.kafka.KafkaSettings;
import io.penstock.stage.CallException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes to topics of others with a producer of its own, which gives up soon. Before each record Kafka is asked whether the topic is
 * there: a producer would wait for one that is not, and where brokers make topics by themselves it would make it anew.
 */
public final class KafkaReplyTopics implements ReplyTopics, AutoCloseable {
    private static final int ASK_MS = 5_000;
    private static final int BLOCK_MS = 2_000;
    private static final int REQUEST_MS = 2_000;
    private static final int DELIVERY_MS = 5_000;
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(1);

    private final Admin admin;
    private final Refusals refusals = new Refusals();
    private final Supplier<Producer<byte[], byte[]>> producers;
    private @Nullable Producer<byte[], byte[]> producer;
    private boolean closed;

    /**
     * @param admin not closed with this
     * @param kafka of the producer, which is made when it is needed
     */
    public KafkaReplyTopics(Admin admin, KafkaSettings kafka) {
        this.admin = admin;
        this.producers =
                () -> new KafkaProducer<>(settings(kafka), new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static Map<String, Object> settings(KafkaSettings kafka) {
        Map<String, Object> settings = new HashMap<>(kafka.producer());
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, BLOCK_MS);
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_MS);
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_MS);
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        return settings;
    }

    @Override
    public void require(String topic, int partition) throws CallException, InterruptedException {
        requireNotLeftAlone(new TopicPartition(topic, partition));
        requireNow(topic, partition);
    }

    private void requireNotLeftAlone(TopicPartition place) throws CallException {
        Duration wait = refusals.leftAlone(place, System.nanoTime());
        if (wait.isPositive()) {
            throw leftAlone(place, wait);
        }
    }

    private static CallException leftAlone(TopicPartition place, Duration wait) {
        return CallException.retryAfter(
                ErrorCode.NOT_READY.code(),
                "Partition " + place.partition() + " of the Kafka topic " + place.topic()
                        + " took no reply in time, and is left alone for a moment.",
                wait);
    }

    private void requireNow(String topic, int partition) throws CallException, InterruptedException {
        TopicDescription description;
        try {
            description = admin.describeTopics(List.of(topic), new DescribeTopicsOptions().timeoutMs(ASK_MS))
                    .allTopicNames()
                    .get(ASK_MS, TimeUnit.MILLISECONDS)
                    .values()
                    .iterator()
                    .next();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                throw undeliverable("There is no Kafka topic " + topic + "; make it before you ask.");
            }
            throw failed(topic, e.getCause());
        } catch (TimeoutException e) {
            throw failed(topic, e);
        }
        require(description, partition);
    }

    /** A producer waits for a partition without a leader, and keeps what it was given for it. */
    static void require(TopicDescription topic, int partition) throws CallException {
        List<TopicPartitionInfo> partitions = topic.partitions();
        if (partition >= partitions.size()) {
            throw undeliverable("The Kafka topic " + topic.name() + " has " + partitions.size()
                    + " partitions, numbered from 0, and no " + partition + ".");
        }
        for (TopicPartitionInfo info : partitions) {
            Node leader = info.leader();
            if (info.partition() == partition && (leader == null || leader.isEmpty())) {
                throw CallException.retryAfter(
                        ErrorCode.NOT_READY.code(),
                        "Partition " + partition + " of the Kafka topic " + topic.name()
                                + " has no leader now, and takes no replies.",
                        Refusals.LEFT_ALONE); // until another is elected
            }
        }
    }

    @Override
    public void send(String topic, int partition, byte[] key, byte[] value, Headers headers)
            throws CallException, InterruptedException {
        TopicPartition place = new TopicPartition(topic, partition);
        requireNotLeftAlone(place);
        if (!refusals.mayTry(place)) {
            throw leftAlone(place, Refusals.LEFT_ALONE);
        }
        try {
            requireNow(topic, partition);
            write(place, new ProducerRecord<>(topic, partition, null, key, value, headers));
        } finally {
            refusals.tried(place);
        }
    }

    private void write(TopicPartition place, ProducerRecord<byte[], byte[]> record)
            throws CallException, InterruptedException {
        try {
            producer().send(record).get(BLOCK_MS + DELIVERY_MS, TimeUnit.MILLISECONDS);
            refusals.taken(place);
        } catch (InterruptException e) {
            Thread.interrupted(); // it set the mark, which belongs to the exception
            throw (InterruptedException) new InterruptedException("the call was cancelled").initCause(e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException) {
                refusals.refused(place, System.nanoTime());
            }
            throw failed(place.topic(), e.getCause());
        } catch (TimeoutException e) {
            refusals.refused(place, System.nanoTime());
            throw failed(place.topic(), e);
        } catch (IllegalStateException e) {
            throw failed(place.topic(), e);
        }
    }

    /** Another attempt may succeed where Kafka says so, or says nothing. */
    private static CallException failed(String topic, @Nullable Throwable cause) {
        String reason = "Kafka does not take replies for " + topic + ": "
                + (cause == null || cause.getMessage() == null ? cause : cause.getMessage());
        boolean mayPass = cause instanceof RetriableException
                || cause instanceof TimeoutException
                || cause instanceof IllegalStateException; // it is closed: this process is stopping
        return mayPass ? CallException.retryable(ErrorCode.NOT_READY.code(), reason, cause) : undeliverable(reason);
    }

    private static CallException undeliverable(String message) {
        return CallException.permanent(ErrorCode.CHAT_REPLY_UNDELIVERABLE.code(), message);
    }

    private synchronized Producer<byte[], byte[]> producer() {
        if (closed) {
            throw new IllegalStateException("it is closed");
        }
        if (producer == null) {
            producer = producers.get();
        }
        return producer;
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (producer != null) {
            producer.close(CLOSE_PATIENCE);
        }
    }
}
