package io.penstock.capture;

import io.penstock.record.RecordId;
import io.penstock.run.RunEvents;
import io.penstock.run.RunIds;
import io.penstock.schema.CaptureTask;
import io.penstock.schema.DataEntry;
import io.penstock.schema.RunEvent;
import java.time.Instant;
import java.util.List;

/** What a run hears of a task. A task that fails is one failed item, however many it would have made. */
final class CaptureEvents {
    private CaptureEvents() {}

    static RunEvent captured(CaptureTask task, int items, Instant at) {
        return RunEvents.taskDone(task.getRunId(), key(task), items, items, at);
    }

    /** The item has failed, and with it the task is done. */
    static List<RunEvent> failed(CaptureTask task, String code, String message, Instant at) {
        return List.of(
                RunEvents.failed(task.getRunId(), recordId(task), code, message, at),
                RunEvents.taskDone(task.getRunId(), key(task), 1, 0, at));
    }

    static String recordId(CaptureTask task) {
        return recordId(task, value(task));
    }

    static String recordId(CaptureTask task, String item) {
        return new RecordId(task.getTopic(), task.getSegment(), task.getProcessor(), item).toString();
    }

    private static String key(CaptureTask task) {
        return RunIds.taskKey(task.getRunId(), task.getProcessor(), value(task));
    }

    private static String value(CaptureTask task) {
        DataEntry entry = task.getEntry();
        return entry == null ? "" : entry.getValue();
    }
}
