package io.penstock.processor;

import io.penstock.schema.CaptureTask;
import io.penstock.schema.DataEntry;
import io.penstock.schema.ProcessorEntry;

/** Makes capture tasks out of processors. */
public final class CaptureTasks {
    private CaptureTasks() {}

    /**
     * One entry of a processor's data list, to be captured for a run.
     *
     * @param incarnation the life of the segment that the processor serves
     */
    public static CaptureTask of(String runId, String incarnation, ProcessorEntry processor, DataEntry entry) {
        return CaptureTask.newBuilder()
                .setRunId(runId)
                .setTopic(processor.getTopic())
                .setSegment(processor.getSegment())
                .setProcessor(processor.getId())
                .setIncarnation(incarnation)
                .setEntry(entry)
                .setSource(processor.getSource())
                .setBatchSize(processor.getBatchSize())
                .setApiRateLimit(processor.getApiRateLimit())
                .setDeletesRemoved(processor.getDeletesRemoved())
                .build();
    }
}
