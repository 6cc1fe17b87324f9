package io.penstock.enrich;

import io.penstock.error.ErrorCode;
import io.penstock.kafka.Topics;
import io.penstock.record.DeletionOrder;
import io.penstock.record.RecordId;
import io.penstock.record.Sweep;
import io.penstock.run.RunEvents;
import io.penstock.schema.EnrichedMark;
import io.penstock.schema.EnrichmentRejection;
import io.penstock.schema.Fence;
import io.penstock.schema.FenceAck;
import io.penstock.schema.RawRecord;
import io.penstock.schema.RunEvent;
import io.penstock.serde.Decoded;
import io.penstock.stage.FencePassed;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends on what the stage found out and remembers it, in one transaction: a record that is marked as enriched went on to
 * {@code inference}, and one whose mark is forgotten is deleted there. For a fence it forgets the marks of what ends, and acknowledges.
 */
final class Emit implements Processor<String, Object, Object, Object> {
    private static final Logger LOG = LoggerFactory.getLogger(Emit.class);

    private final String topic;
    private final InstantSource clock;
    private @Nullable ProcessorContext<Object, Object> context;
    private @Nullable KeyValueStore<String, EnrichedMark> enriched;

    Emit(String topic, InstantSource clock) {
        this.topic = topic;
        this.clock = clock;
    }

    @Override
    public void init(ProcessorContext<Object, Object> newContext) {
        context = newContext;
        enriched = newContext.getStateStore(EnrichmentTopology.ENRICHED_STORE);
    }

    @Override
    public void process(Record<String, Object> record) {
        switch (record.value()) {
            case Outcome.Unchanged unchanged -> unchanged(record.key(), unchanged);
            case Outcome.Rejected rejected -> rejected(record, rejected);
            case Outcome.Enriched enriched -> enriched(record, enriched);
            case Outcome.Deleted _ -> deleted(record);
            case Sweep sweep -> sweep(record.key(), sweep, record.timestamp());
            case FencePassed<?> passed -> passed(passed);
            default ->
                throw new IllegalStateException(
                        "The stage forwarded a " + record.value().getClass().getName() + ".");
        }
    }

    private void unchanged(String id, Outcome.Unchanged unchanged) {
        if (unchanged.runId() != null) {
            event(RunEvents.unchanged(unchanged.runId(), id, clock.instant()));
        }
    }

    private void rejected(Record<String, Object> record, Outcome.Rejected rejected) {
        Instant now = clock.instant();
        String code = rejected.refusal().code().code();
        String reason = rejected.refusal().reason();
        LOG.info("{} is rejected: {}: {}", record.key(), code, reason);
        EnrichmentRejection rejection = EnrichmentRejection.newBuilder()
                .setRecordId(record.key())
                .setRunId(rejected.runId())
                .setCode(code)
                .setReason(reason)
                .setAt(now)
                .build();
        out().forward(new Record<>(record.key(), rejection, now.toEpochMilli(), record.headers()), Nodes.REJECTED);
        if (rejected.runId() != null) {
            event(RunEvents.rejected(rejected.runId(), record.key(), code, reason, now));
        }
    }

    private void enriched(Record<String, Object> record, Outcome.Enriched result) {
        Instant now = clock.instant();
        EnrichedMark mark = EnrichedMark.newBuilder()
                .setIncarnation(result.incarnation())
                .setFingerprint(result.fingerprint())
                .setAt(now)
                .build();
        marks().put(
                        record.key(),
                        Sweep.isSighting(record.headers()) ? Sightings.seen(mark, result.runId(), now) : mark);
        out().forward(record.withValue(result.inference()), Nodes.INFERENCE);
        if (result.runId() != null) {
            event(RunEvents.enriched(result.runId(), record.key(), now));
        }
    }

    /** Without its mark the record is new when it is collected again, however little it has changed. */
    private void deleted(Record<String, Object> record) {
        marks().delete(record.key());
        if (record.headers().lastHeader(DeletionOrder.FORGET_ONLY) == null) {
            out().forward(
                            new Record<Object, @Nullable Object>(
                                    record.key(), null, record.timestamp(), record.headers()),
                            Nodes.INFERENCE);
        }
    }

    /** Deletes the records of a processor that are gone from its source. */
    private void sweep(String processor, Sweep sweep, long timestamp) {
        List<String> unseen = new ArrayList<>();
        try (KeyValueIterator<String, EnrichedMark> all = marks().prefixScan(processor, new StringSerializer())) {
            all.forEachRemaining(entry -> {
                if (Sightings.isUnseen(entry.value, sweep)) {
                    unseen.add(entry.key);
                }
            });
        }
        for (String id : unseen) {
            marks().delete(id);
            out().forward(new Record<Object, @Nullable Object>(id, null, timestamp), Nodes.INFERENCE);
        }
        LOG.info("Run {} did not see {} records of {} any more: deleted", sweep.runId(), unseen.size(), processor);
    }

    private void passed(FencePassed<?> passed) {
        Instant now = clock.instant();
        Fence fence = Objects.requireNonNull(raw(passed.fence()).getFence());
        for (Object value : passed.cancelled()) {
            RawRecord cancelled = raw(value);
            if (cancelled.getRunId() != null) {
                event(RunEvents.failed(
                        cancelled.getRunId(),
                        Admit.recordId(topic, cancelled),
                        ErrorCode.TOPIC_DELETED.code(),
                        Lives.OVER,
                        now));
            }
        }
        long removed = forget(fence) + passed.cancelled().size();
        FenceAck ack = FenceAck.newBuilder()
                .setFenceId(fence.getFenceId())
                .setStage(EnrichmentTopology.NAME)
                .setTopic(Topics.raw(topic))
                .setPartition(out().taskId().partition())
                .setRemoved(removed)
                .setAt(now)
                .build();
        out().forward(new Record<>(fence.getFenceId(), ack, now.toEpochMilli()), Nodes.FENCE_ACK);
    }

    /** Deletes the marks of the lives that end; those of a later life stay. */
    private long forget(Fence fence) {
        String prefix = fence.getSegment() == null
                ? RecordId.topicPrefix(topic)
                : RecordId.segmentPrefix(topic, fence.getSegment());
        List<String> ended = new ArrayList<>();
        try (KeyValueIterator<String, EnrichedMark> all = marks().prefixScan(prefix, new StringSerializer())) {
            all.forEachRemaining(entry -> {
                if (fence.getIncarnations().isEmpty()
                        || fence.getIncarnations().contains(entry.value.getIncarnation())) {
                    ended.add(entry.key);
                }
            });
        }
        ended.forEach(marks()::delete);
        return ended.size();
    }

    private static RawRecord raw(Object value) {
        return (RawRecord) ((Decoded<?>) value).value();
    }

    private void event(RunEvent event) {
        out().forward(RunEvents.record(event), Nodes.RUN_EVENT);
    }

    private ProcessorContext<Object, Object> out() {
        return Objects.requireNonNull(context, "a record came before the start");
    }

    private KeyValueStore<String, EnrichedMark> marks() {
        return Objects.requireNonNull(enriched, "a record came before the start");
    }
}
