package io.penstock.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.deadletter.DeadLetter;
import io.penstock.run.RunEvents;
import io.penstock.stage.FailedCall;
import java.time.Instant;
import java.util.Objects;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What could not be embedded for good: a dead letter with the original bytes, and the failure on its run. */
final class Reject implements Processor<String, FailedCall<IngestOrder>, Object, Object> {
    private static final Logger LOG = LoggerFactory.getLogger(Reject.class);

    private @Nullable ProcessorContext<Object, Object> context;

    @Override
    public void init(ProcessorContext<Object, Object> newContext) {
        context = newContext;
    }

    @Override
    public void process(Record<String, FailedCall<IngestOrder>> record) {
        ProcessorContext<Object, Object> out = Objects.requireNonNull(context);
        FailedCall<IngestOrder> failed = record.value();
        LOG.warn(
                "{} failed after {} attempts: {} {}", record.key(), failed.attempts(), failed.code(), failed.message());
        out.forward(
                DeadLetter.of(failed, VectorIngestionTopology.EMBED)
                        .record(
                                record.key().getBytes(UTF_8),
                                failed.value().bytes(),
                                record.timestamp(),
                                record.headers()),
                VectorIngestionTopology.DEAD_LETTER);
        if (failed.value() instanceof IngestOrder.Put put && put.inference().getRunId() != null) {
            out.forward(
                    RunEvents.record(RunEvents.failed(
                            put.inference().getRunId(),
                            record.key(),
                            failed.code(),
                            failed.message(),
                            Instant.ofEpochMilli(out.currentSystemTimeMs()))),
                    VectorIngestionTopology.RUN_EVENT);
        }
    }
}
