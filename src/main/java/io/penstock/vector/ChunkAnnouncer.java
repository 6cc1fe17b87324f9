package io.penstock.vector;

import io.penstock.deadletter.DeadLetter;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.Topics;
import io.penstock.record.DeletionOrder;
import io.penstock.record.ItemComplete;
import io.penstock.run.RunEvents;
import io.penstock.schema.FenceAck;
import io.penstock.schema.RunEvent;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says what became of a record that the store has just been given: INDEXED for an item that is complete, FAILED for one whose
 * last record could not be taken, an acknowledgement for a deletion that somebody waits for, and a dead letter for whatever could
 * not. Must stand behind {@link ChunkUpdater} on the same
 * source, since children of a node get a record in the order in which they were added.
 */
final class ChunkAnnouncer implements Processor<byte[], byte[], Object, Object> {
    private static final Logger LOG = LoggerFactory.getLogger(ChunkAnnouncer.class);

    private final ChunkReader reader;
    private final InstantSource clock;
    private final VectorIndexActivity activity;
    private final String node;
    private final String runEvents;
    private final String acknowledgements;
    private final String deadLetters;
    private @Nullable ProcessorContext<Object, Object> context;

    /**
     * @param node name of this node, for the dead letter
     * @param runEvents child that gets run events
     * @param acknowledgements child that gets acknowledgements of orders to delete a record
     * @param deadLetters child that gets dead letters
     */
    ChunkAnnouncer(
            ChunkReader reader,
            InstantSource clock,
            VectorIndexActivity activity,
            String node,
            String runEvents,
            String acknowledgements,
            String deadLetters) {
        this.reader = reader;
        this.clock = clock;
        this.activity = activity;
        this.node = node;
        this.runEvents = runEvents;
        this.acknowledgements = acknowledgements;
        this.deadLetters = deadLetters;
    }

    @Override
    public void init(ProcessorContext<Object, Object> newContext) {
        context = newContext;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        Optional<PenstockException> problem = attempt(() -> check(record));
        problem.ifPresent(cause -> reject(record, cause));
        Optional<PenstockException> unread = attempt(() -> announce(ItemComplete.of(record.headers()), problem));
        if (problem.isEmpty()) {
            unread.ifPresent(cause -> reject(record, cause));
            DeletionOrder.id(record.headers()).ifPresent(this::acknowledge);
        }
    }

    private void check(Record<byte[], byte[]> record) {
        if (record.value() == null) {
            ChunkReader.key(record.key());
        } else {
            reader.read(record.key(), record.value());
        }
    }

    @SuppressWarnings("NullAway") // init precedes every record
    private void announce(List<ItemComplete> items, Optional<PenstockException> problem) {
        Instant now = clock.instant();
        for (ItemComplete item : items) {
            if (problem.isEmpty()) {
                activity.itemCompleted(context.taskId());
            }
            RunEvent event = problem.map(cause -> RunEvents.failed(
                            item.runId(), item.recordId(), cause.code().code(), cause.detail(), now))
                    .orElseGet(() -> indexed(item, now));
            context.forward(RunEvents.record(event), runEvents);
        }
    }

    /** The last chunk of a record that somebody has deleted is gone; the next search must not find it. */
    @SuppressWarnings("NullAway")
    private void acknowledge(String order) {
        activity.itemCompleted(context.taskId());
        FenceAck ack = FenceAck.newBuilder()
                .setFenceId(order)
                .setStage(VectorIndexTopology.NAME)
                .setTopic(Topics.CHUNK)
                .setPartition(context.taskId().partition())
                .setAt(clock.instant())
                .build();
        context.forward(new Record<>(order, ack, ack.getAt().toEpochMilli()), acknowledgements);
    }

    @SuppressWarnings("NullAway")
    private RunEvent indexed(ItemComplete item, Instant now) {
        RunEvent event = RunEvents.indexed(item.runId(), item.recordId(), now);
        return context.recordMetadata()
                .map(at -> RunEvents.at(event, at.partition(), at.offset()))
                .orElse(event);
    }

    @SuppressWarnings("NullAway")
    private void reject(Record<byte[], byte[]> record, PenstockException cause) {
        DeadLetter letter = DeadLetter.of(cause.code().code(), cause.detail(), node, context.recordMetadata());
        LOG.warn(
                "{}: {} {}-{}@{}: {}",
                node,
                letter.code(),
                letter.topic(),
                letter.partition(),
                letter.offset(),
                letter.message());
        context.forward(letter.record(record.key(), record.value(), record.timestamp(), record.headers()), deadLetters);
    }

    /** What a record did wrong, if anything; a registry that cannot be asked is not the record's fault. */
    private static Optional<PenstockException> attempt(Runnable action) {
        try {
            action.run();
            return Optional.empty();
        } catch (PenstockException e) {
            if (e.code() == ErrorCode.NOT_READY) {
                throw e;
            }
            return Optional.of(e);
        }
    }
}
