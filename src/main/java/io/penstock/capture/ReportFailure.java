package io.penstock.capture;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.deadletter.DeadLetter;
import io.penstock.run.RunEvents;
import io.penstock.schema.CaptureTask;
import io.penstock.schema.RunEvent;
import io.penstock.serde.Decoded;
import io.penstock.stage.FailedCall;
import java.time.InstantSource;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A capture that failed for good: a dead letter with the original bytes, and the item is failed on its run. */
final class ReportFailure implements Processor<String, FailedCall<Decoded<CaptureTask>>, Object, Object> {
    private static final Logger LOG = LoggerFactory.getLogger(ReportFailure.class);

    private final InstantSource clock;
    private ProcessorContext<Object, Object> context;

    @SuppressWarnings("NullAway.Init") // Streams calls init() before anything else
    ReportFailure(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public void init(ProcessorContext<Object, Object> newContext) {
        context = newContext;
    }

    @Override
    @SuppressWarnings("NullAway") // the key of a record may be null; Streams does not declare it
    public void process(Record<String, FailedCall<Decoded<CaptureTask>>> record) {
        FailedCall<Decoded<CaptureTask>> failed = record.value();
        CaptureTask task = failed.value().value();
        LOG.warn("{}: {}: {}", CaptureEvents.recordId(task), failed.code(), failed.message());
        Record<byte[], byte[]> letter = DeadLetter.of(failed, CaptureTopology.CAPTURE)
                .record(
                        record.key() == null ? null : record.key().getBytes(UTF_8),
                        failed.value().bytes(),
                        record.timestamp(),
                        record.headers());
        context.forward(
                new Record<Object, Object>(letter.key(), letter.value(), letter.timestamp(), letter.headers()),
                CaptureTopology.DEAD_LETTER_SINK);
        for (RunEvent event : CaptureEvents.failed(task, failed.code(), failed.message(), clock.instant())) {
            Record<String, RunEvent> said = RunEvents.record(event);
            context.forward(
                    new Record<Object, Object>(said.key(), said.value(), said.timestamp()),
                    CaptureTopology.RUN_EVENT_SINK);
        }
    }
}
