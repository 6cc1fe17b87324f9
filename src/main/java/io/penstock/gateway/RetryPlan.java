package io.penstock.gateway;

import io.penstock.catalog.CatalogView;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.processor.CaptureTasks;
import io.penstock.processor.ProcessorView;
import io.penstock.record.RecordId;
import io.penstock.run.RunIds;
import io.penstock.schema.CaptureTask;
import io.penstock.schema.CatalogEntry;
import io.penstock.schema.CatalogState;
import io.penstock.schema.DataEntry;
import io.penstock.schema.ProcessorEntry;
import io.penstock.schema.ProcessorState;
import io.penstock.schema.Run;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is to be captured so that the failed items of a run are tried again: the entries of the data lists that they came from, as their
 * processors are now.
 *
 * @param topicIncarnation the life of the topic
 * @param leftOut items that nothing can be captured for, with the reason
 */
record RetryPlan(@Nullable String topicIncarnation, List<CaptureTask> tasks, Map<String, String> leftOut) {

    List<String> segments() {
        return List.copyOf(tasksBySegment().keySet());
    }

    /** How many tasks each processor has, by segment. */
    SortedMap<String, Map<String, Integer>> tasksBySegment() {
        TreeMap<String, Map<String, Integer>> segments = new TreeMap<>();
        for (CaptureTask task : tasks) {
            segments.computeIfAbsent(task.getSegment(), _ -> new TreeMap<>())
                    .merge(task.getProcessor(), 1, Integer::sum);
        }
        return segments;
    }

    /** Makes plans of what is configured now. */
    record Maker(CatalogView catalog, ProcessorView processors) {
        /**
         * @param failed record ids
         * @throws PenstockException {@code topic.deleted} when the run's topic is not what it was
         */
        RetryPlan plan(Run run, String runId, List<String> failed) {
            CatalogEntry topic = catalog.topic(run.getTopic())
                    .filter(entry -> entry.getState() == CatalogState.ACTIVE)
                    .filter(entry ->
                            run.getIncarnation() == null || run.getIncarnation().equals(entry.getIncarnation()))
                    .orElseThrow(() -> new PenstockException(
                            ErrorCode.TOPIC_DELETED,
                            "The topic '" + run.getTopic() + "' of the run " + run.getRunId() + " was deleted."));
            Map<String, CaptureTask> tasks = new LinkedHashMap<>();
            Map<String, String> leftOut = new TreeMap<>();
            for (String id : failed) {
                Object found = taskOrReason(runId, id);
                if (found instanceof CaptureTask task) {
                    tasks.put(
                            RunIds.taskKey(
                                    runId, task.getProcessor(), task.getEntry().getValue()),
                            task);
                } else {
                    leftOut.put(id, String.valueOf(found));
                }
            }
            return new RetryPlan(topic.getIncarnation(), new ArrayList<>(tasks.values()), leftOut);
        }

        private Object taskOrReason(String runId, String id) {
            RecordId record;
            try {
                record = RecordId.parse(id);
            } catch (PenstockException e) {
                return e.detail();
            }
            Optional<CatalogEntry> segment = catalog.segment(record.topic(), record.segment())
                    .filter(entry -> entry.getState() == CatalogState.ACTIVE);
            if (segment.isEmpty()) {
                return "Its segment was deleted.";
            }
            Optional<ProcessorEntry> processor = processors
                    .byId(record.processor())
                    .filter(entry -> entry.getState() == ProcessorState.ACTIVE)
                    .filter(entry -> entry.getTopic().equals(record.topic())
                            && entry.getSegment().equals(record.segment()));
            if (processor.isEmpty()) {
                return "The processor " + record.processor() + " does not serve its segment any more.";
            }
            return entry(processor.get(), record.item())
                    .<Object>map(
                            entry -> CaptureTasks.of(runId, segment.get().getIncarnation(), processor.get(), entry))
                    .orElse("It is not in the data list of the processor " + record.processor() + " any more.");
        }

        /** The entry whose value is the item, or that made the item as one of several: then the item begins with the value. */
        private static Optional<DataEntry> entry(ProcessorEntry processor, String item) {
            return processor.getDataList().stream()
                    .filter(entry -> item.equals(entry.getValue()) || item.startsWith(entry.getValue() + "/"))
                    .max(Comparator.comparingInt(entry -> entry.getValue().length()));
        }
    }
}
