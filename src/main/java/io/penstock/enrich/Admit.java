package io.penstock.enrich;

import io.penstock.catalog.CatalogView;
import io.penstock.deadletter.DeadLetter;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.record.RecordId;
import io.penstock.record.Sweep;
import io.penstock.run.RunEvents;
import io.penstock.schema.RawRecord;
import io.penstock.schema.RunEvent;
import io.penstock.serde.Decoded;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets records into the stage: those that are well-formed and belong to a life of their segment that is not over. Fences go
 * through, and so do orders to delete records. A record whose segment the view does not know goes through too: the view may lag
 * behind, so the stage waits for it. Never throws for what a record holds, and never looks at its content, which may be large.
 */
final class Admit implements Processor<String, @Nullable Decoded<RawRecord>, Object, Object> {
    private static final Logger LOG = LoggerFactory.getLogger(Admit.class);

    private final String topic;
    private final CatalogView catalog;
    private final InstantSource clock;
    private @Nullable ProcessorContext<Object, Object> context;
    private @Nullable DroppedCounter dropped;

    Admit(String topic, CatalogView catalog, InstantSource clock) {
        this.topic = topic;
        this.catalog = catalog;
        this.clock = clock;
    }

    @Override
    public void init(ProcessorContext<Object, Object> newContext) {
        context = newContext;
        dropped = new DroppedCounter(newContext, Nodes.ADMIT);
    }

    @Override
    public void process(Record<String, @Nullable Decoded<RawRecord>> record) {
        Decoded<RawRecord> decoded = record.value();
        if (decoded == null) {
            admitDeletion(record);
            return;
        }
        RawRecord raw = decoded.value();
        if (raw.getFence() != null) {
            out().forward(record.withKey(raw.getFence().getFenceId()), Nodes.STAGE);
            return;
        }
        Optional<String> fault = fault(record.key(), raw);
        if (fault.isPresent()) {
            deadLetter(record, decoded, fault.get());
            return;
        }
        String id = Admit.recordId(topic, raw);
        if (Lives.isOver(catalog, topic, raw)) {
            drop(id, raw);
            return;
        }
        out().forward(record.withKey(id), Nodes.STAGE);
    }

    private void admitDeletion(Record<String, ?> record) {
        try {
            Optional<Sweep> sweep = Sweep.of(record.headers());
            boolean ofTopic = record.key().startsWith(RecordId.topicPrefix(topic));
            if (ofTopic && sweep.isPresent() && RecordId.isProcessorPrefix(record.key())) {
                out().forward(record.withValue(sweep.get()), Nodes.EMIT); // what is pending then comes back by itself
            } else if (ofTopic && sweep.isEmpty() && RecordId.isOne(record.key())) {
                out().forward(record.withValue(Deletion.order()), Nodes.STAGE);
            } else {
                deadLetter(
                        record,
                        null,
                        "The record has no value, which deletes the record of its key, but '" + record.key()
                                + "' is no id of a record of '" + topic + "'.");
            }
        } catch (PenstockException e) {
            deadLetter(record, null, e.detail());
        }
    }

    /** What is wrong with a record that is no fence, if anything is. */
    private Optional<String> fault(@Nullable String key, RawRecord raw) {
        if (raw.getSegment().isBlank() || raw.getSegment().contains("/")) {
            return Optional.of("The record names no segment.");
        }
        if (raw.getProcessor().isBlank() || raw.getProcessor().contains("/")) {
            return Optional.of(
                    "The record's processor is '" + raw.getProcessor()
                            + "'; it must be a name without slashes: that of the processor, or of whoever produced the record.");
        }
        if (raw.getItem().isBlank()) {
            return Optional.of("The record names no item.");
        }
        String id = Admit.recordId(topic, raw);
        return key == null || key.equals(id)
                ? Optional.empty()
                : Optional.of("The record's key is '" + key + "'; it must be '" + id + "', or missing.");
    }

    private void drop(String id, RawRecord raw) {
        Objects.requireNonNull(dropped).count();
        LOG.debug("{} is dropped: what it belongs to was deleted.", id);
        if (raw.getRunId() != null) {
            if (!catalog.isActive(topic)) { // before the item's own end: the run did not lose only some items
                event(RunEvents.topicDeleted(raw.getRunId(), topic, clock.instant()));
            }
            event(RunEvents.failed(raw.getRunId(), id, ErrorCode.TOPIC_DELETED.code(), Lives.OVER, clock.instant()));
        }
    }

    private void event(RunEvent event) {
        Record<String, RunEvent> record = RunEvents.record(event);
        out().forward(record, Nodes.RUN_EVENT);
    }

    private void deadLetter(Record<String, ?> record, @Nullable Decoded<RawRecord> decoded, String message) {
        DeadLetter letter =
                DeadLetter.of(ErrorCode.RECORD_INVALID.code(), message, Nodes.ADMIT, out().recordMetadata());
        LOG.warn("{}-{}@{}: {}", letter.topic(), letter.partition(), letter.offset(), message);
        DeadLetters.forward(out(), letter, record, decoded == null ? null : decoded.bytes());
        if (decoded != null && decoded.value().getRunId() != null) {
            event(RunEvents.failed(
                    decoded.value().getRunId(),
                    Admit.recordId(topic, decoded.value()),
                    ErrorCode.RECORD_INVALID.code(),
                    message,
                    clock.instant()));
        }
    }

    private ProcessorContext<Object, Object> out() {
        return Objects.requireNonNull(context, "a record came before the start");
    }

    static String recordId(String topic, RawRecord record) {
        return new RecordId(topic, record.getSegment(), record.getProcessor(), record.getItem()).toString();
    }
}
