package io.penstock.http;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.query.StoreQueries;
import io.penstock.run.RunsTopology;
import io.penstock.schema.Run;
import io.penstock.schema.RunState;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Runs that searches and questions wait for, so that they see all that the run brought. */
final class AwaitedRuns {
    /** Each call that waits keeps a thread, and others need some too. */
    private static final int MAX_WAITING = 64;

    /** A run that was accepted a moment ago may be heard of a moment later. */
    private static final Duration UNTIL_KNOWN = Duration.ofSeconds(1);

    private final Services services;
    private final BoundedCalls waiting =
            new BoundedCalls(MAX_WAITING, "Too many calls wait for runs; try again, or ask without a run.");

    AwaitedRuns(Services services) {
        this.services = services;
    }

    /** What is done once a run has ended. */
    @FunctionalInterface
    interface Next<T> {
        /** @param position where on the Kafka topic {@code chunk} the index has all that the run brought, by partition */
        T at(Map<Integer, Long> position) throws InterruptedException;
    }

    /**
     * Waits until a run has ended and does what comes next, which may wait as well: until then the call counts as one that waits.
     *
     * @param deadline of {@link System#nanoTime()}
     * @throws PenstockException {@code run.unknown}; {@code not-ready} when the run has not ended by then; {@code busy} when too many
     *     wait
     */
    <T> T afterwards(String runId, long deadline, Next<T> next) throws InterruptedException {
        return waiting.run(() -> waited(runId, deadline, next));
    }

    private <T> T waited(String runId, long deadline, Next<T> next) throws InterruptedException {
        StoreQueries stores = services.stores();
        if (stores.await(RunsTopology.RUNS, runId, any -> true, UNTIL_KNOWN).isEmpty()) {
            throw new PenstockException(
                    ErrorCode.RUN_UNKNOWN, "There is no run '" + runId + "'. GET /api/runs lists what there is.");
        }
        Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
        Run run = stores.await(RunsTopology.RUNS, runId, now -> hasEnded((Run) now), left)
                .map(Run.class::cast)
                .filter(AwaitedRuns::hasEnded)
                .orElseThrow(() -> new PenstockException(
                        ErrorCode.NOT_READY,
                        "The run " + runId
                                + " has not ended yet, so the index does not hold all of it. Ask again, or"
                                + " without the run."));
        Map<Integer, Long> position = new HashMap<>();
        run.getIndexPosition().forEach((partition, offset) -> position.put(Integer.valueOf(partition), offset));
        return next.at(position);
    }

    private static boolean hasEnded(Run run) {
        return run.getState() != RunState.RUNNING;
    }
}
