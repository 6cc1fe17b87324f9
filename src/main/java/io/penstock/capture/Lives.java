package io.penstock.capture;

import io.penstock.catalog.CatalogView;
import io.penstock.schema.CaptureTask;
import io.penstock.schema.Fence;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * Which incarnations may still be written for. The catalog's view says so, but it may lag; a fence that has passed says so for
 * certain, and after it the Kafka topic may be gone at any moment. What a fence ended therefore stays ended here, whatever the
 * view still shows. After a restart the view is read to its end before any topology starts, so nothing need be kept.
 *
 * <p><b>Threading.</b> May be used from any thread.
 */
final class Lives {
    private final CatalogView catalog;
    private final Predicate<String> cancelledRuns;
    private final Set<String> ended = ConcurrentHashMap.newKeySet();

    Lives(CatalogView catalog, Predicate<String> cancelledRuns) {
        this.catalog = catalog;
        this.cancelledRuns = cancelledRuns;
    }

    void end(Fence fence) {
        ended.addAll(fence.getIncarnations());
    }

    /** Whether the task's run was cancelled. Its fence may be far behind the task. */
    boolean isCancelled(CaptureTask task) {
        return !task.getRunId().isEmpty() && cancelledRuns.test(task.getRunId());
    }

    boolean isCurrent(CaptureTask task) {
        return !ended.contains(task.getIncarnation())
                && catalog.isCurrent(task.getTopic(), task.getSegment(), task.getIncarnation());
    }

    /** Whether the task's whole topic ends, and with it the run. */
    boolean isTopicOver(CaptureTask task) {
        return !catalog.isActive(task.getTopic());
    }

    /** Whether the fence ends the run or the life that the task belongs to. A fence without incarnations ends every earlier one. */
    static boolean ends(Fence fence, CaptureTask task) {
        if (fence.getRunId() != null) {
            return fence.getRunId().equals(task.getRunId());
        }
        if (!fence.getIncarnations().isEmpty()) {
            return fence.getIncarnations().contains(task.getIncarnation());
        }
        return fence.getTopic().equals(task.getTopic())
                && (fence.getSegment() == null || fence.getSegment().equals(task.getSegment()));
    }
}
