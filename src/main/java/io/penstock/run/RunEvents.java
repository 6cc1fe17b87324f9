package io.penstock.run;

import io.penstock.error.ErrorCode;
import io.penstock.schema.Fence;
import io.penstock.schema.RunEvent;
import io.penstock.schema.RunEventKind;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/** Makes run events. The key on the Kafka topic {@code run.event} is the run id. */
public final class RunEvents {
    private RunEvents() {}

    /** The gateway took the alert. */
    public static RunEvent accepted(String runId, String alertId, String topic, List<String> segments, Instant at) {
        return event(runId, RunEventKind.ACCEPTED, at)
                .setAlertId(alertId)
                .setTopic(topic)
                .setSegments(segments)
                .build();
    }

    /** The alert was split into these segments. */
    public static RunEvent fannedOut(String runId, String alertId, String topic, List<String> segments, Instant at) {
        return event(runId, RunEventKind.FANNED_OUT, at)
                .setAlertId(alertId)
                .setTopic(topic)
                .setSegments(segments)
                .build();
    }

    /** So many tasks were made for a segment, by processor. */
    public static RunEvent matched(String runId, String segment, Map<String, Integer> tasks, Instant at) {
        return event(runId, RunEventKind.MATCHED, at)
                .setSegment(segment)
                .setTasks(tasks.values().stream().mapToInt(Integer::intValue).sum())
                .setProcessors(tasks)
                .build();
    }

    /**
     * The same, with the processors whose removed items are to be deleted when the run has ended well.
     *
     * @param sweeps life of the segment, by processor
     */
    public static RunEvent sweeping(RunEvent matched, Map<String, String> sweeps) {
        matched.setSweeps(sweeps);
        return matched;
    }

    /** The run has the failed items of another one. */
    public static RunEvent retryOf(RunEvent fannedOut, String otherRunId) {
        fannedOut.setOtherRun(otherRunId);
        return fannedOut;
    }

    /** Another run has the failed items of this one. */
    public static RunEvent retried(String runId, String otherRunId, Instant at) {
        return event(runId, RunEventKind.RETRIED, at).setOtherRun(otherRunId).build();
    }

    /** The run is to end as soon as what was captured is indexed. */
    public static RunEvent cancelRequested(String runId, Instant at) {
        return event(runId, RunEventKind.CANCELLED, at).build();
    }

    /** An item is not captured, because its run was cancelled. */
    public static RunEvent cancelled(String runId, String recordId, Instant at) {
        return event(runId, RunEventKind.CANCELLED, at).setRecordId(recordId).build();
    }

    /**
     * A task is done.
     *
     * @param task key of the task
     * @param items items it made, failed ones included; each of them comes to a terminal event
     * @param captured those of them that were captured
     */
    public static RunEvent taskDone(String runId, String task, int items, int captured, Instant at) {
        return event(runId, RunEventKind.TASK_DONE, at)
                .setTask(task)
                .setItems(items)
                .setCaptured(captured)
                .build();
    }

    public static RunEvent enriched(String runId, String recordId, Instant at) {
        return event(runId, RunEventKind.ENRICHED, at).setRecordId(recordId).build();
    }

    public static RunEvent unchanged(String runId, String recordId, Instant at) {
        return event(runId, RunEventKind.UNCHANGED, at).setRecordId(recordId).build();
    }

    public static RunEvent rejected(String runId, String recordId, String code, String message, Instant at) {
        return event(runId, RunEventKind.REJECTED, at)
                .setRecordId(recordId)
                .setCode(code)
                .setMessage(message)
                .build();
    }

    public static RunEvent indexed(String runId, String recordId, Instant at) {
        return event(runId, RunEventKind.INDEXED, at).setRecordId(recordId).build();
    }

    /** The same, with where on the Kafka topic {@code chunk} the item's last record lies: an index that has got there has the item. */
    public static RunEvent at(RunEvent event, int partition, long offset) {
        event.setPartition(partition);
        event.setOffset(offset);
        return event;
    }

    /** @param recordId the item that failed; null when the whole run did */
    public static RunEvent failed(String runId, @Nullable String recordId, String code, String message, Instant at) {
        return event(runId, RunEventKind.FAILED, at)
                .setRecordId(recordId)
                .setCode(code)
                .setMessage(message)
                .build();
    }

    /** The same, for a task of which this item is all that is known: it would have made others, and does when it is tried again. */
    public static RunEvent ofTask(RunEvent failed, String task) {
        failed.setTask(task);
        return failed;
    }

    /** The same, with the life of the topic that the run belongs to. */
    public static RunEvent ofLife(RunEvent event, @Nullable String topicIncarnation) {
        event.setIncarnation(topicIncarnation);
        return event;
    }

    /** The run's topic was deleted, which ends the run. */
    public static RunEvent topicDeleted(String runId, String topic, Instant at) {
        return failed(
                runId,
                null,
                ErrorCode.TOPIC_DELETED.code(),
                "The topic '" + topic + "' was deleted during the run.",
                at);
    }

    /** One of the run's segments was deleted before it was matched; the others go on. */
    public static RunEvent segmentDeleted(String runId, String topic, String segment, Instant at) {
        RunEvent event = failed(
                runId,
                null,
                ErrorCode.TOPIC_DELETED.code(),
                "The segment '" + segment + "' of '" + topic + "' was deleted before it could be collected.",
                at);
        event.setSegment(segment);
        return event;
    }

    /** Ends all runs of the lives that the fence names; belongs to no run, and goes to every partition. */
    public static RunEvent fence(Fence fence) {
        return event("", RunEventKind.FAILED, fence.getRequestedAt())
                .setFence(fence)
                .build();
    }

    /** The record to forward to a sink on {@code run.event}. */
    public static Record<String, RunEvent> record(RunEvent event) {
        return new Record<>(event.getRunId(), event, event.getAt().toEpochMilli());
    }

    private static RunEvent.Builder event(String runId, RunEventKind kind, Instant at) {
        return RunEvent.newBuilder().setRunId(runId).setKind(kind).setAt(at);
    }
}
