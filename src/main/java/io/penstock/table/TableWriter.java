package io.penstock.table;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.serde.AvroCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes to a table, one writer at a time among all instances, and returns once this instance's own view holds what was written:
 * a change is seen before it is answered.
 *
 * <p>All instances write under one transactional id per table, so that whoever begins fences the others off. A writer that begins
 * writes a mark and waits until its view has come to it: then the view holds everything that was ever written, and until this
 * writer is fenced itself nobody else adds to it. What it decides on that ground is committed or is not written at all; when it is
 * fenced, it begins anew and decides again. The producer stays open between writes, so a single instance begins once.
 *
 * <p><b>Threading.</b> May be used from any thread; one at a time decides. A decision may itself write to this or another table.
 */
public final class TableWriter<T extends SpecificRecord> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TableWriter.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    /** A mark that was restored rather than read live is not noticed; then another one is written. */
    private static final Duration MARK_PATIENCE = Duration.ofSeconds(2);

    private static final Duration LONGEST = Duration.ofSeconds(30);
    private static final int ATTEMPTS = 20;
    private static final long LONGEST_PAUSE_MS = 200;

    private final String topic;
    private final AvroCodec<T> codec;
    private final Function<String, Producer<byte[], byte[]>> producers;
    private final GlobalTable<T> table;
    private final ChangeSignal changes;
    private final ReentrantLock writing = new ReentrantLock();
    private @Nullable Producer<byte[], byte[]> producer;
    /** Counts the producers: a decision that saw two of them stands on no firm ground. */
    private long beginnings;

    private boolean closed;

    /** @param producers makes a producer for a transactional id, not yet initialised */
    public TableWriter(
            String topic,
            AvroCodec<T> codec,
            Function<String, Producer<byte[], byte[]>> producers,
            GlobalTable<T> table,
            ChangeSignal changes) {
        this.topic = topic;
        this.codec = codec;
        this.producers = producers;
        this.table = table;
        this.changes = changes;
    }

    /**
     * What is to be written in one transaction, and what to answer once it is seen.
     *
     * @param entries by key, in this order; a null deletes the entry
     * @param beside records of other Kafka topics, in the same transaction; none are written without an entry
     */
    public record Update<T, A>(
            Map<String, @Nullable T> entries, A answer, List<ProducerRecord<byte[], byte[]>> beside) {
        public Update(Map<String, @Nullable T> entries, A answer) {
            this(entries, answer, List.of());
        }

        /** Changes nothing. */
        public static <T, A> Update<T, A> none(A answer) {
            return new Update<>(Map.of(), answer);
        }

        public static <T, A> Update<T, A> put(String key, T value, A answer) {
            return new Update<>(Map.of(key, value), answer);
        }

        public static <T, A> Update<T, A> delete(List<String> keys, A answer) {
            Map<String, @Nullable T> entries = new LinkedHashMap<>();
            keys.forEach(key -> entries.put(key, null));
            return new Update<>(entries, answer);
        }
    }

    /** @throws PenstockException {@code not-ready} when the change was not written, or not seen, in time */
    public void put(String key, T value) {
        var _ = update("The change of '" + key + "'", () -> Update.put(key, value, key));
    }

    /** @throws PenstockException {@code not-ready} when the change was not written, or not seen, in time */
    public void delete(String key) {
        var _ = update("The removal of '" + key + "'", () -> Update.<T, String>delete(List.of(key), key));
    }

    /**
     * Decides on the view what to write, writes it, and answers once the view holds it. May decide several times.
     *
     * @param what is done, to begin a message with
     * @param decide reads the view, which then holds all that any instance has written; what it throws is passed on, and nothing
     *     is written
     * @throws PenstockException {@code not-ready} when the change was not written, or not seen, in time
     */
    public <A> A update(String what, Supplier<Update<T, A>> decide) {
        writing.lock();
        try {
            RuntimeException last = null;
            long deadline = System.nanoTime() + LONGEST.toNanos();
            for (int attempt = 1; !closed && attempt <= ATTEMPTS && System.nanoTime() < deadline; attempt++) {
                if (last != null) {
                    pause(attempt);
                }
                try {
                    Producer<byte[], byte[]> current = begin();
                    long ground = beginnings;
                    Update<T, A> update;
                    try {
                        update = decided(decide);
                    } catch (Undecided e) {
                        validate();
                        throw e;
                    }
                    if (update.entries().isEmpty()) {
                        validate();
                        return update.answer();
                    }
                    if (ground == beginnings) {
                        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>(update.beside());
                        records.addAll(encoded(update.entries())); // last: the offset of the last one is waited for
                        awaitSeen(what, commit(current, records), update.entries());
                        return update.answer();
                    }
                } catch (KafkaException | IllegalStateException e) {
                    // Fenced by another instance, or the broker went away: begin anew from what is written by then.
                    LOG.debug("{} in {}: attempt {} failed", what, topic, attempt, e);
                    abandon();
                    last = e;
                    if (e instanceof RecordTooLargeException) {
                        break;
                    }
                } catch (Undecided e) {
                    throw e.reason;
                }
            }
            throw notReady(what, "was not confirmed in time", last);
        } finally {
            writing.unlock();
        }
    }

    /**
     * Makes sure that what was decided without writing anything was decided on the newest state: a commit of this producer is
     * refused when another instance has written since.
     */
    private void validate() {
        Producer<byte[], byte[]> current = producer;
        if (current != null) { // else a decision inside this one was given up, and nothing newer can be known
            var _ = commit(current, List.of(record(GlobalTableNode.MARK, null)));
        }
    }

    /** What a decision throws is not ours to judge, even if it is of a kind that a producer throws as well. */
    private static <U> U decided(Supplier<U> decide) throws Undecided {
        try {
            return decide.get();
        } catch (RuntimeException e) {
            throw new Undecided(e);
        }
    }

    @SuppressWarnings("serial") // never leaves this class
    private static final class Undecided extends Exception {
        private final RuntimeException reason;

        Undecided(RuntimeException reason) {
            super(reason);
            this.reason = reason;
        }
    }

    /**
     * Returns when the view holds everything that any instance had written by the time of the call.
     *
     * @throws PenstockException {@code not-ready} when that takes too long
     */
    public void refresh() {
        writing.lock();
        try {
            if (producer != null) {
                abandon(); // whoever begins reads to the end
            }
            var _ = update("The reading", () -> Update.<T, Boolean>none(true));
        } finally {
            writing.unlock();
        }
    }

    private Producer<byte[], byte[]> begin() {
        Producer<byte[], byte[]> current = producer;
        if (current == null) {
            current = producers.apply("penstock-table-" + topic);
            producer = current;
            beginnings++;
            current.initTransactions();
            try {
                mark(current);
            } catch (PenstockException e) {
                abandon(); // or the next update would decide on a view that has not caught up
                throw e;
            }
        }
        return current;
    }

    private void mark(Producer<byte[], byte[]> current) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        do {
            long offset = commit(current, List.of(record(GlobalTableNode.MARK, null)));
            if (await(() -> changes.hasReached(offset), MARK_PATIENCE)) {
                return;
            }
        } while (System.nanoTime() < deadline);
        throw notReady("A change", "cannot be decided on, because what is written is not read here", null);
    }

    private List<ProducerRecord<byte[], byte[]>> encoded(Map<String, @Nullable T> entries) {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        entries.forEach((key, value) -> records.add(record(key, value == null ? null : codec.encode(topic, value))));
        return records;
    }

    private ProducerRecord<byte[], byte[]> record(String key, byte @Nullable [] value) {
        return new ProducerRecord<>(topic, key.getBytes(UTF_8), value);
    }

    /** The offset of the last record. */
    private static long commit(Producer<byte[], byte[]> producer, List<ProducerRecord<byte[], byte[]>> records) {
        producer.beginTransaction();
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (ProducerRecord<byte[], byte[]> record : records) {
            sent.add(producer.send(record));
        }
        try {
            producer.commitTransaction();
            return sent.getLast().get().offset();
        } catch (KafkaException e) {
            throw cause(sent, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("Interrupted after a commit", e);
        } catch (ExecutionException e) {
            throw new KafkaException(e);
        }
    }

    /** A commit fails for a record that could not be sent, but does not say why. */
    private static KafkaException cause(List<Future<RecordMetadata>> sent, KafkaException otherwise) {
        return sent.stream()
                .filter(future -> future.state() == Future.State.FAILED)
                .map(Future::exceptionNow)
                .filter(RecordTooLargeException.class::isInstance)
                .map(RecordTooLargeException.class::cast)
                .findFirst()
                .<KafkaException>map(tooLarge -> tooLarge)
                .orElse(otherwise);
    }

    private void awaitSeen(String what, long offset, Map<String, @Nullable T> entries) {
        boolean seen = false;
        try {
            // When the view is restored meanwhile it does not tell how far it is, but holds the entries.
            seen = await(
                    () -> changes.hasReached(offset)
                            || entries.entrySet().stream()
                                    .allMatch(entry -> Objects.equals(
                                            table.get(entry.getKey()).orElse(null), entry.getValue())),
                    PATIENCE);
        } finally {
            if (!seen) {
                abandon(); // or the next update would decide on a view without what was written now
            }
        }
        if (!seen) {
            throw notReady(what, "was written, but is not seen yet", null);
        }
    }

    private boolean await(java.util.function.BooleanSupplier condition, Duration patience) {
        try {
            return changes.await(condition, patience);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw notReady("A change", "was interrupted", e);
        }
    }

    /** Of random length, so that two instances that fence each other do not go on in step. */
    private void pause(int attempt) {
        try {
            Thread.sleep(ThreadLocalRandom.current().nextLong(Math.min(LONGEST_PAUSE_MS, 10L * attempt) + 1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw notReady("A change", "was interrupted", e);
        }
    }

    private void abandon() {
        Producer<byte[], byte[]> old = producer;
        producer = null;
        if (old != null) {
            old.close(Duration.ZERO);
        }
    }

    private PenstockException notReady(String what, String how, @Nullable Throwable cause) {
        return new PenstockException(
                ErrorCode.NOT_READY,
                what + " in the table " + topic + " " + how + "; ask again for the same."
                        + (cause == null || cause.getMessage() == null ? "" : " Kafka says: " + cause.getMessage()),
                cause);
    }

    @Override
    public void close() {
        writing.lock();
        try {
            closed = true;
            abandon();
        } finally {
            writing.unlock();
        }
    }
}
