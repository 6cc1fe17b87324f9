package io.penstock.run;

import io.penstock.schema.CaptureTask;
import io.penstock.schema.Run;
import io.penstock.schema.RunEvent;
import io.penstock.schema.RunProgress;
import io.penstock.schema.RunState;
import io.penstock.schema.RunSweep;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which processors of a run have seen all that there is, so that what they did not see may be deleted: those of a run that is over
 * and was not cancelled, of which every task is done and nothing failed. One that saw nothing at all has more likely been told
 * nothing than lost everything. A retry sees but a part.
 */
final class RunSweeps {
    private RunSweeps() {}

    static void matched(Run run, RunEvent event, String segment) {
        if (!event.getSweeps().isEmpty()) {
            Map<String, RunSweep> sweeps = new HashMap<>(run.getSweeps());
            event.getSweeps()
                    .forEach((processor, incarnation) ->
                            sweeps.putIfAbsent(processor, new RunSweep(segment, incarnation, false)));
            run.setSweeps(sweeps);
        }
    }

    /** The orders that may be given now, each once. */
    static List<CaptureTask> due(Run run) {
        if (run.getSweeps().isEmpty()
                || run.getState() == RunState.RUNNING
                || run.getCode() != null
                || run.getCancelRequested()
                || run.getRetryOf() != null) {
            return List.of();
        }
        List<CaptureTask> orders = new ArrayList<>();
        Map<String, RunSweep> sweeps = new HashMap<>(run.getSweeps());
        run.getSweeps().forEach((processor, sweep) -> {
            if (!sweep.getOrdered()
                    && !run.getEnded().contains(sweep.getSegment())
                    && hasSeenAll(run.getProcessors().get(processor))) {
                sweeps.put(processor, new RunSweep(sweep.getSegment(), sweep.getIncarnation(), true));
                orders.add(order(run, processor, sweep));
            }
        });
        run.setSweeps(sweeps);
        return orders;
    }

    private static boolean hasSeenAll(@Nullable RunProgress progress) {
        return progress != null
                && progress.getTasks() > 0
                && progress.getTasksDone() >= progress.getTasks()
                && progress.getItems() > 0
                && progress.getFailed() == 0
                && progress.getCancelled() == 0;
    }

    private static CaptureTask order(Run run, String processor, RunSweep sweep) {
        return CaptureTask.newBuilder()
                .setRunId(run.getRunId())
                .setTopic(run.getTopic())
                .setSegment(sweep.getSegment())
                .setProcessor(processor)
                .setIncarnation(sweep.getIncarnation())
                .setSweepSince(run.getStartedAt())
                .build();
    }
}
