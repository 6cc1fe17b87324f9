package io.penstock.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.catalog.CatalogView;
import io.penstock.deadletter.DeadLetter;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.record.RecordId;
import io.penstock.run.RunEvents;
import io.penstock.schema.Inference;
import io.penstock.serde.Decoded;
import java.time.Instant;
import java.util.Objects;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets in what can be ingested: fences, deletions, and inferences whose key is their record id and whose segment still lives the
 * life that they bear. An inference that bears no incarnation (from another producer) is let in.
 */
final class Admit implements Processor<String, @Nullable Decoded<Inference>, Object, Object> {
    private static final Logger LOG = LoggerFactory.getLogger(Admit.class);

    private final CatalogView catalog;
    private final IngestionCounters counters;
    private final Renewal renewal;
    private @Nullable ProcessorContext<Object, Object> context;

    /** @param renewal begins when this does */
    Admit(CatalogView catalog, IngestionCounters counters, Renewal renewal) {
        this.catalog = catalog;
        this.counters = counters;
        this.renewal = renewal;
    }

    @Override
    public void init(ProcessorContext<Object, Object> newContext) {
        context = newContext;
        renewal.init(newContext);
    }

    @Override
    public void process(Record<String, @Nullable Decoded<Inference>> record) {
        Decoded<Inference> decoded = record.value();
        IngestOrder order = decoded == null ? new IngestOrder.Delete() : IngestOrderSerde.of(decoded);
        switch (order) {
            case IngestOrder.Barrier _ -> admit(record, order);
            case IngestOrder.Renew _ -> throw new IllegalStateException("A renewal comes from no record");
            case IngestOrder.Delete _ -> {
                if (isRecordId(record)) {
                    admit(record, order);
                }
            }
            case IngestOrder.Put put -> {
                if (isRecordId(record) && agrees(record, put.inference()) && isCurrent(record, put.inference())) {
                    admit(record, order);
                }
            }
        }
    }

    private void admit(Record<String, ?> record, IngestOrder order) {
        context()
                .forward(
                        new Record<Object, Object>(record.key(), order, record.timestamp(), record.headers()),
                        VectorIngestionTopology.EMBED);
    }

    private boolean isRecordId(Record<String, @Nullable Decoded<Inference>> record) {
        try {
            RecordId.parse(Objects.requireNonNullElse(record.key(), ""));
            return true;
        } catch (PenstockException e) {
            reject(record, e.detail());
            return false;
        }
    }

    private boolean agrees(Record<String, @Nullable Decoded<Inference>> record, Inference inference) {
        RecordId said = new RecordId(
                inference.getTopic(), inference.getSegment(), inference.getProcessor(), inference.getItem());
        if (said.toString().equals(record.key())) {
            return true;
        }
        reject(record, "The key is '" + record.key() + "', but the fields of the inference say '" + said + "'.");
        return false;
    }

    private boolean isCurrent(Record<String, @Nullable Decoded<Inference>> record, Inference inference) {
        String incarnation = inference.getIncarnation();
        if (incarnation == null || catalog.isCurrent(inference.getTopic(), inference.getSegment(), incarnation)) {
            return true;
        }
        boolean topicOver = !catalog.isActive(inference.getTopic());
        counters.countDropped();
        String segment = inference.getTopic() + "/" + inference.getSegment();
        LOG.info("Dropped {}: that life of {} is over", record.key(), segment);
        String runId = inference.getRunId();
        if (runId != null) {
            Instant now = Instant.ofEpochMilli(context().currentSystemTimeMs());
            if (topicOver) { // before the item's own end: the run did not lose only some items
                context()
                        .forward(
                                RunEvents.record(RunEvents.topicDeleted(runId, inference.getTopic(), now)),
                                VectorIngestionTopology.RUN_EVENT);
            }
            context()
                    .forward(
                            RunEvents.record(RunEvents.failed(
                                    runId,
                                    record.key(),
                                    ErrorCode.TOPIC_DELETED.code(),
                                    "The segment " + segment + " was deleted before this was indexed.",
                                    now)),
                            VectorIngestionTopology.RUN_EVENT);
        }
        return false;
    }

    private void reject(Record<String, @Nullable Decoded<Inference>> record, String message) {
        DeadLetter letter = DeadLetter.of(
                ErrorCode.RECORD_INVALID.code(),
                message,
                VectorIngestionTopology.ADMIT,
                context().recordMetadata());
        LOG.warn("{}-{}@{}: {}", letter.topic(), letter.partition(), letter.offset(), message);
        Decoded<Inference> decoded = record.value();
        context()
                .forward(
                        letter.record(
                                record.key() == null ? null : record.key().getBytes(UTF_8),
                                decoded == null ? null : decoded.bytes(),
                                record.timestamp(),
                                record.headers()),
                        VectorIngestionTopology.DEAD_LETTER);
    }

    private ProcessorContext<Object, Object> context() {
        return Objects.requireNonNull(context);
    }
}
