package io.penstock.capture;

import io.penstock.error.ErrorCode;
import io.penstock.kafka.Topics;
import io.penstock.record.RecordId;
import io.penstock.record.Sweep;
import io.penstock.run.RunEvents;
import io.penstock.schema.CaptureTask;
import io.penstock.schema.Fence;
import io.penstock.schema.FenceAck;
import io.penstock.schema.RunEvent;
import io.penstock.serde.Decoded;
import io.penstock.stage.FencePassed;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what was captured, but never to a Kafka topic that may be gone: a transactional producer would block on it past its
 * timeout. Answers fences.
 */
final class EmitRaw implements Processor<String, Object, Object, Object> {
    private static final Logger LOG = LoggerFactory.getLogger(EmitRaw.class);

    private static final byte[] NOTHING = {};

    private final Lives lives;
    private final InstantSource clock;
    private ProcessorContext<Object, Object> context;
    private ResponseMemory memory;

    @SuppressWarnings("NullAway.Init") // Streams calls init() before anything else
    EmitRaw(Lives lives, InstantSource clock) {
        this.lives = lives;
        this.clock = clock;
    }

    @Override
    public void init(ProcessorContext<Object, Object> newContext) {
        context = newContext;
        memory = new ResponseMemory(newContext.getStateStore(CaptureTopology.CAPTURED_STORE));
    }

    @Override
    public void process(Record<String, Object> record) {
        switch (record.value()) {
            case CaptureResult.Captured captured when lives.isCurrent(captured.task()) -> emit(captured);
            case CaptureResult.Swept(CaptureTask task) -> sweep(task);
            case CaptureResult.Cancelled(CaptureTask task) -> cancelled(task);
            case CaptureResult result -> {
                if (lives.isTopicOver(result.task())) {
                    endRun(result.task());
                }
                obsolete(result.task());
            }
            case FencePassed<?> passed -> acknowledge(passed);
            default -> throw new IllegalStateException("Not a result of capture: " + record.value());
        }
    }

    private void emit(CaptureResult.Captured captured) {
        long at = captured.at().toEpochMilli();
        for (CaptureResult.Item item : captured.items()) {
            Record<Object, Object> record = new Record<>(item.recordId(), item.raw(), at);
            if (captured.task().getDeletesRemoved()) {
                record.headers().add(Sweep.SIGHTING, NOTHING);
            }
            context.forward(record, CaptureTopology.RAW_SINK);
        }
        memory.remember(captured.task(), captured.responses());
        say(CaptureEvents.captured(captured.task(), captured.items().size(), captured.at()));
    }

    private void sweep(CaptureTask task) {
        Instant since = task.getSweepSince();
        if (since == null || !lives.isCurrent(task)) {
            return; // all of it goes anyway
        }
        String processor = RecordId.processorPrefix(task.getTopic(), task.getSegment(), task.getProcessor());
        Record<Object, @Nullable Object> order =
                new Record<>(processor, null, clock.instant().toEpochMilli());
        order.headers().add(Sweep.HEADER, new Sweep(task.getRunId(), task.getIncarnation(), since).encode());
        context.forward(order, CaptureTopology.RAW_SINK);
    }

    /** Before the item's own end, so that the run is never taken for one that lost only some items. */
    private void endRun(CaptureTask task) {
        say(RunEvents.topicDeleted(task.getRunId(), task.getTopic(), clock.instant()));
    }

    private void obsolete(CaptureTask task) {
        CaptureEvents.failed(
                        task,
                        ErrorCode.TOPIC_DELETED.code(),
                        "Segment " + task.getTopic() + "/" + task.getSegment()
                                + " was deleted before the capture ended.",
                        clock.instant())
                .forEach(this::say);
    }

    private void cancelled(CaptureTask task) {
        CaptureEvents.cancelled(task, clock.instant()).forEach(this::say);
    }

    private void acknowledge(FencePassed<?> passed) {
        if (!(passed.fence() instanceof Decoded<?> decoded)
                || !(decoded.value() instanceof CaptureTask order)
                || order.getFence() == null) {
            throw new IllegalStateException("Not a fence of capture: " + passed.fence());
        }
        Fence fence = order.getFence();
        lives.end(fence);
        memory.forget(fence);
        Set<String> endedRuns = new HashSet<>();
        for (Object cancelled : passed.cancelled()) {
            if (cancelled instanceof Decoded<?> pending
                    && pending.value() instanceof CaptureTask task
                    && task.getSweepSince() == null) {
                if (fence.getRunId() != null) {
                    cancelled(task);
                    continue;
                }
                if (fence.getSegment() == null && endedRuns.add(task.getRunId())) {
                    endRun(task);
                }
                obsolete(task);
            }
        }
        Instant now = clock.instant();
        FenceAck ack = FenceAck.newBuilder()
                .setFenceId(fence.getFenceId())
                .setStage(CaptureTopology.NAME)
                .setTopic(Topics.CAPTURE_TASK)
                .setPartition(context.taskId().partition())
                .setRemoved(passed.cancelled().size())
                .setAt(now)
                .build();
        LOG.info(
                "Fence {} passed partition {}: {} tasks cancelled",
                fence.getFenceId(),
                ack.getPartition(),
                ack.getRemoved());
        context.forward(
                new Record<Object, Object>(fence.getFenceId(), ack, now.toEpochMilli()),
                CaptureTopology.FENCE_ACK_SINK);
    }

    private void say(RunEvent event) {
        Record<String, RunEvent> record = RunEvents.record(event);
        context.forward(
                new Record<Object, Object>(record.key(), record.value(), record.timestamp()),
                CaptureTopology.RUN_EVENT_SINK);
    }
}
