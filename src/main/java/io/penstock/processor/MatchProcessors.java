package io.penstock.processor;

import io.penstock.catalog.CatalogView;
import io.penstock.error.ErrorCode;
import io.penstock.kafka.Topics;
import io.penstock.record.RecordId;
import io.penstock.run.RunEvents;
import io.penstock.run.RunIds;
import io.penstock.schema.CaptureTask;
import io.penstock.schema.DataEntry;
import io.penstock.schema.ProcessorEntry;
import io.penstock.schema.RunEvent;
import io.penstock.schema.SegmentAlert;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.Decoded;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes one capture task for each data-list entry of each processor that serves the segment, and says how many. */
final class MatchProcessors implements Processor<String, Decoded<SegmentAlert>, String, Object> {
    private static final Logger LOG = LoggerFactory.getLogger(MatchProcessors.class);

    private final CatalogView catalog;
    private final ProcessorView processors;
    private final AvroCodec<CaptureTask> codec;
    private final InstantSource clock;
    private final ViewPatience patience;
    private final int maxTaskBytes;
    private ProcessorContext<String, Object> context;

    @SuppressWarnings("NullAway.Init") // Streams calls init() before anything else
    MatchProcessors(
            CatalogView catalog,
            ProcessorView processors,
            AvroCodec<CaptureTask> codec,
            InstantSource clock,
            ViewPatience patience,
            int maxTaskBytes) {
        this.catalog = catalog;
        this.processors = processors;
        this.codec = codec;
        this.clock = clock;
        this.patience = patience;
        this.maxTaskBytes = maxTaskBytes;
    }

    @Override
    public void init(ProcessorContext<String, Object> newContext) {
        context = newContext;
    }

    @Override
    public void process(Record<String, Decoded<SegmentAlert>> record) {
        SegmentAlert alert = record.value().value();
        String topic = alert.getTopic();
        String segment = alert.getSegment();
        patience.await(
                topic + "/" + segment + "/" + alert.getIncarnation(),
                () -> catalog.isCurrent(topic, segment, alert.getIncarnation())
                        && !processors.serving(topic, segment).isEmpty());
        Instant now = clock.instant();
        if (!catalog.isCurrent(topic, segment, alert.getIncarnation())) {
            say(
                    catalog.isActive(topic)
                            ? RunEvents.segmentDeleted(alert.getRunId(), topic, segment, now)
                            : RunEvents.topicDeleted(alert.getRunId(), topic, now));
            return;
        }
        List<ProcessorEntry> serving = processors.serving(topic, segment);
        Map<String, Integer> tasks = new TreeMap<>();
        Map<String, String> sweeps = new TreeMap<>();
        for (ProcessorEntry processor : serving) {
            if (processor.getDeletesRemoved()) {
                sweeps.put(processor.getId(), alert.getIncarnation());
            }
            for (DataEntry entry : processor.getDataList()) {
                send(CaptureTasks.of(alert.getRunId(), alert.getIncarnation(), processor, entry), record, now);
                tasks.merge(processor.getId(), 1, Integer::sum);
            }
        }
        if (tasks.isEmpty()) {
            LOG.info("No processor serves {}/{} (run {})", topic, segment, alert.getRunId());
        }
        say(RunEvents.sweeping(RunEvents.matched(alert.getRunId(), segment, tasks, now), sweeps));
    }

    private void send(CaptureTask task, Record<String, ?> origin, Instant now) {
        DataEntry entry = task.getEntry();
        String key = RunIds.taskKey(task.getRunId(), task.getProcessor(), entry.getValue());
        byte[] bytes = codec.encode(Topics.CAPTURE_TASK, task);
        if (bytes.length <= maxTaskBytes) {
            context.forward(
                    new Record<>(key, bytes, Math.max(0, origin.timestamp())), ProcessorMatchingTopology.TASK_SINK);
            return;
        }
        String item =
                new RecordId(task.getTopic(), task.getSegment(), task.getProcessor(), entry.getValue()).toString();
        say(RunEvents.failed(
                task.getRunId(),
                item,
                ErrorCode.RECORD_TOO_LARGE.code(),
                "The entry '" + entry.getValue() + "' of the data list is " + bytes.length
                        + " bytes with its source; at most " + maxTaskBytes + " can be sent.",
                now));
        say(RunEvents.taskDone(task.getRunId(), key, 1, 0, now));
    }

    private void say(RunEvent event) {
        Record<String, RunEvent> record = RunEvents.record(event);
        context.forward(
                new Record<>(record.key(), record.value(), record.timestamp()),
                ProcessorMatchingTopology.RUN_EVENT_SINK);
    }
}
