package io.penstock.registry;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.KafkaSettings;
import io.penstock.kafka.Topics;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads and writes {@code _schemas}.
 *
 * <p>Several instances may write: all do so under one transactional id, so that whoever begins fences the others off. A writer
 * therefore knows, until it is fenced itself, that nobody else has written since it last read to the end, and what it decided
 * on that ground is committed or is not written at all.
 *
 * <p>Threading: one thread of its own reads and applies; any thread may call {@link #update}, one at a time.
 */
final class SchemaLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SchemaLog.class);

    private static final TopicPartition PARTITION = new TopicPartition(Topics.SCHEMAS, 0);
    private static final String TRANSACTIONAL_ID = "penstock-schema-registry";
    private static final Duration WAIT = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final int ATTEMPTS = 5;

    private final KafkaSettings settings;
    private final RegistryState state;
    private final Consumer<byte[], byte[]> consumer;
    private final Thread reader;
    private final ReentrantLock writing = new ReentrantLock();
    private final ReentrantLock asking = new ReentrantLock();
    private final ReentrantLock reading = new ReentrantLock();
    private final Condition moved = reading.newCondition();
    private long position;
    private volatile boolean closed;
    private @Nullable Producer<byte[], byte[]> producer;
    /** Asks where the topic ends. */
    private @Nullable Consumer<byte[], byte[]> ends;

    /** What to write, and what to answer once it is written. */
    record Update<T>(List<SchemaRecords.Entry> entries, T answer) {}

    SchemaLog(KafkaSettings settings, RegistryState state) {
        this.settings = settings;
        this.state = state;
        this.consumer = new KafkaConsumer<>(
                settings.consumer("earliest"), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        this.reader =
                Thread.ofPlatform().name("schema-registry-reader").daemon().unstarted(this::follow);
    }

    /** Begins to read, and returns when all that was there is applied. */
    void start() {
        long end;
        try {
            consumer.assign(List.of(PARTITION));
            consumer.seekToBeginning(List.of(PARTITION));
            end = consumer.endOffsets(List.of(PARTITION), WAIT).getOrDefault(PARTITION, 0L);
        } catch (KafkaException e) {
            consumer.close();
            throw notReady("be read", e);
        }
        reader.start();
        awaitPosition(end);
    }

    /**
     * Decides on the newest state what to write, writes it, and answers once it is read back. May decide several times.
     *
     * @throws PenstockException {@code not-ready} when Kafka does not take it
     */
    <T> T update(Supplier<Update<T>> decide) {
        writing.lock();
        try {
            KafkaException last = null;
            for (int attempt = 1; attempt <= ATTEMPTS && !closed; attempt++) {
                try {
                    Producer<byte[], byte[]> current = begin();
                    Update<T> update = decide.get();
                    if (!update.entries().isEmpty()) {
                        awaitOwn(commit(current, update.entries()) + 1);
                    }
                    return update.answer();
                } catch (KafkaException e) {
                    // Fenced by another instance, or the broker went away: begin anew from what is written by then.
                    LOG.debug("Attempt {} to write schemas failed", attempt, e);
                    abandon();
                    last = e;
                }
            }
            throw notReady("be written", last);
        } finally {
            writing.unlock();
        }
    }

    @Override
    public void close() {
        closed = true;
        consumer.wakeup();
        try {
            if (reader.getState() != Thread.State.NEW) {
                reader.join(WAIT);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        writing.lock();
        try {
            abandon();
        } finally {
            writing.unlock();
        }
        asking.lock();
        try {
            if (ends != null) {
                ends.close();
            }
        } finally {
            asking.unlock();
        }
    }

    private Producer<byte[], byte[]> begin() {
        Producer<byte[], byte[]> current = producer;
        if (current == null) {
            Map<String, Object> config = new HashMap<>(settings.producer());
            config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, TRANSACTIONAL_ID);
            config.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 10_000);
            config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, WAIT.toMillis());
            current = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
            producer = current;
            current.initTransactions();
            awaitOwn(end());
        }
        return current;
    }

    /** Who has not read to the end must not decide again on what he has read: the next update begins anew. */
    private void awaitOwn(long wanted) {
        try {
            awaitPosition(wanted);
        } catch (PenstockException e) {
            abandon();
            throw e;
        }
    }

    private static long commit(Producer<byte[], byte[]> producer, List<SchemaRecords.Entry> entries) {
        producer.beginTransaction();
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (SchemaRecords.Entry entry : entries) {
            sent.add(producer.send(new ProducerRecord<>(Topics.SCHEMAS, 0, entry.key(), entry.value())));
        }
        producer.commitTransaction();
        try {
            return sent.getLast().get().offset();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("Interrupted after a commit", e);
        } catch (ExecutionException e) {
            throw new KafkaException(e);
        }
    }

    private void abandon() {
        Producer<byte[], byte[]> old = producer;
        producer = null;
        if (old != null) {
            old.close(Duration.ZERO);
        }
    }

    /** Returns when everything is applied that was written before the call, by whichever instance. */
    void catchUp() {
        try {
            awaitPosition(end());
        } catch (KafkaException e) {
            throw notReady("be read", e);
        }
    }

    private long end() {
        asking.lock();
        try {
            if (closed) {
                throw notReady("be read after it was closed", null);
            }
            Consumer<byte[], byte[]> current = ends;
            if (current == null) {
                Map<String, Object> config = settings.consumer("none");
                config.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) WAIT.toMillis());
                current = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
                ends = current;
            }
            return current.endOffsets(List.of(PARTITION)).getOrDefault(PARTITION, 0L);
        } finally {
            asking.unlock();
        }
    }

    private void follow() {
        try (consumer) {
            while (!closed) {
                try {
                    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                        apply(record);
                    }
                    advance(consumer.position(PARTITION));
                } catch (WakeupException e) {
                    LOG.debug("Woken to close", e);
                } catch (KafkaException e) {
                    LOG.warn("Reading {} failed and is tried again: {}", Topics.SCHEMAS, e.getMessage());
                    pause();
                }
            }
        }
    }

    private void apply(ConsumerRecord<byte[], byte[]> record) {
        if (record.key() == null) {
            LOG.warn("{}-0@{} has no key and is passed over", Topics.SCHEMAS, record.offset());
            return;
        }
        try {
            state.apply(SchemaRecordReader.read(record.key(), record.value()));
        } catch (IOException e) {
            LOG.warn("{}-0@{} is passed over: {}", Topics.SCHEMAS, record.offset(), e.getMessage());
        }
    }

    private void advance(long newPosition) {
        reading.lock();
        try {
            position = newPosition;
            moved.signalAll();
        } finally {
            reading.unlock();
        }
    }

    private void pause() {
        reading.lock();
        try {
            long left = PAUSE.toNanos();
            while (left > 0 && !closed) {
                left = moved.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closed = true;
        } finally {
            reading.unlock();
        }
    }

    private void awaitPosition(long wanted) {
        reading.lock();
        try {
            long left = WAIT.toNanos();
            while (position < wanted) {
                if (left <= 0 || closed) {
                    throw notReady("be read up to offset " + wanted, null);
                }
                left = moved.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw notReady("be read", null);
        } finally {
            reading.unlock();
        }
    }

    private static PenstockException notReady(String what, @Nullable Throwable cause) {
        return new PenstockException(
                ErrorCode.NOT_READY,
                "The Kafka topic " + Topics.SCHEMAS + ", which holds the schemas, cannot " + what
                        + (cause == null ? "" : ": " + cause.getMessage())
                        + ". Check that Kafka is up and that this user may write there; then try again.",
                cause);
    }
}
