package io.penstock.run;

import io.penstock.schema.Run;
import io.penstock.schema.RunState;

/** Whether a run is over, and how it ended. A pure function of what was seen. */
final class RunOutcome {
    private RunOutcome() {}

    static RunState of(Run run) {
        if (run.getCode() != null) {
            return RunState.FAILED;
        }
        if (!isComplete(run)) {
            return RunState.RUNNING;
        }
        if (hasNoProcessor(run)) {
            return RunState.FAILED;
        }
        if (run.getCancelled() > 0) {
            return RunState.CANCELLED;
        }
        if (run.getFailed() == 0 && run.getEnded().isEmpty()) {
            return RunState.DONE;
        }
        return run.getIndexed() + run.getUnchanged() == 0 ? RunState.FAILED : RunState.PARTIAL;
    }

    /** No processor serves any of the segments. */
    static boolean hasNoProcessor(Run run) {
        return isMatched(run) && tasks(run) == 0 && run.getEnded().isEmpty();
    }

    static int tasks(Run run) {
        return run.getMatched().values().stream().mapToInt(Integer::intValue).sum();
    }

    private static boolean isMatched(Run run) {
        return run.getFannedOut()
                && run.getSegments().stream()
                        .allMatch(segment -> run.getMatched().containsKey(segment)
                                || run.getEnded().contains(segment));
    }

    private static boolean isComplete(Run run) {
        return isMatched(run) && run.getTasksDone() >= tasks(run) && run.getTerminal() >= run.getItems();
    }
}
