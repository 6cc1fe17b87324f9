package io.penstock.enrich;

import io.penstock.catalog.CatalogView;
import io.penstock.deadletter.DeadLetter;
import io.penstock.error.ErrorCode;
import io.penstock.run.RunEvents;
import io.penstock.schema.RawRecord;
import io.penstock.serde.Decoded;
import io.penstock.stage.FailedCall;
import java.time.InstantSource;
import java.util.Objects;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends what failed for good to the dead letters and reports it; what was deleted meanwhile is only counted and reported. */
final class Failure implements Processor<String, FailedCall<Decoded<RawRecord>>, Object, Object> {
    private static final Logger LOG = LoggerFactory.getLogger(Failure.class);

    private final String topic;
    private final CatalogView catalog;
    private final InstantSource clock;
    private @Nullable ProcessorContext<Object, Object> context;
    private @Nullable DroppedCounter dropped;

    Failure(String topic, CatalogView catalog, InstantSource clock) {
        this.topic = topic;
        this.catalog = catalog;
        this.clock = clock;
    }

    @Override
    public void init(ProcessorContext<Object, Object> newContext) {
        context = newContext;
        dropped = new DroppedCounter(newContext, Nodes.FAILURE);
    }

    @Override
    public void process(Record<String, FailedCall<Decoded<RawRecord>>> record) {
        ProcessorContext<Object, Object> out = Objects.requireNonNull(context, "a record came before the start");
        FailedCall<Decoded<RawRecord>> failed = record.value();
        if (failed.code().equals(ErrorCode.TOPIC_DELETED.code())) {
            Objects.requireNonNull(dropped).count();
        } else {
            LOG.warn(
                    "{} failed after {} attempts: {}: {}",
                    record.key(),
                    failed.attempts(),
                    failed.code(),
                    failed.message());
            DeadLetters.forward(
                    out,
                    DeadLetter.of(failed, Nodes.STAGE),
                    record,
                    failed.value().bytes());
        }
        String runId = failed.value().value().getRunId();
        if (runId != null) {
            if (failed.code().equals(ErrorCode.TOPIC_DELETED.code()) && !catalog.isActive(topic)) {
                out.forward(RunEvents.record(RunEvents.topicDeleted(runId, topic, clock.instant())), Nodes.RUN_EVENT);
            }
            out.forward(
                    RunEvents.record(
                            RunEvents.failed(runId, record.key(), failed.code(), failed.message(), clock.instant())),
                    Nodes.RUN_EVENT);
        }
    }
}
