package io.penstock.run;

import io.penstock.error.ErrorCode;
import io.penstock.kafka.Topics;
import io.penstock.schema.CaptureTask;
import io.penstock.schema.Fence;
import io.penstock.schema.FenceAck;
import io.penstock.schema.Run;
import io.penstock.schema.RunEvent;
import io.penstock.schema.RunEventKind;
import io.penstock.schema.RunItem;
import io.penstock.schema.RunSample;
import io.penstock.schema.RunState;
import io.penstock.serde.Decoded;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Folds run events as sets: a counter moves only when an item or task makes a transition for the first time, so events may come
 * twice and in any order.
 *
 * <p>What a run becomes depends on nothing but the set of its events and, when they stop coming, on the time: not on their order,
 * with one exception. What fails a run as a whole is dropped while nothing is known of the run; it is always made after what
 * begins the run, on the same partition.
 *
 * <p>A fence ends the runs of a topic's life that have not ended; what was on its way when the topic was deleted has no other
 * event.
 *
 * <p>The keys of {@code run-items} are {@code run id/i/record id} for items, {@code run id/t/task} for tasks, {@code run
 * id/s/segment} for segments that were deleted and {@code run id/r/code} for what failed the whole run.
 */
@SuppressWarnings("NullAway.Init") // set in init(), which comes before everything else
final class RunFold implements Processor<String, Decoded<RunEvent>, String, Object> {
    private static final Logger LOG = LoggerFactory.getLogger(RunFold.class);
    private static final Duration STALLED_AFTER = Duration.ofMinutes(30);
    private static final Duration SOON = Duration.ofMillis(1);
    private static final Duration LOOK_EVERY = Duration.ofMinutes(1);
    private static final Duration KEEP_ITEMS = Duration.ofDays(7);
    private static final Duration FORGET_EVERY = Duration.ofHours(1);

    private ProcessorContext<String, Object> context;
    private KeyValueStore<String, Run> runs;
    private KeyValueStore<String, RunItem> items;
    private RunItems counts;
    private RunListing listing;
    /** When each run that is not over was last heard of, by wall clock. */
    private final Map<String, Instant> running = new HashMap<>();

    private @Nullable Cancellable watch;
    private long forgotAtMs;

    @Override
    public void init(ProcessorContext<String, Object> newContext) {
        context = newContext;
        runs = context.getStateStore(RunsTopology.RUNS);
        items = context.getStateStore(RunsTopology.RUN_ITEMS);
        counts = new RunItems(items);
        listing = new RunListing(context.getStateStore(RunsTopology.RUNS_BY_TIME));
        running.clear();
        watch = null;
        boolean whole = true;
        try (KeyValueIterator<String, Run> all = runs.all()) {
            while (all.hasNext()) {
                Run run = all.next().value;
                watchWhileRunning(run, run.getLastEventAt());
                whole &= listing.holds(run);
            }
        }
        if (!whole) {
            listSoon();
        }
    }

    /**
     * Runs that an earlier version has kept, before this one or in between, are not listed. What init() writes, nothing would
     * commit.
     */
    private void listSoon() {
        Cancellable[] once = new Cancellable[1];
        once[0] = context.schedule(SOON, PunctuationType.WALL_CLOCK_TIME, _ -> {
            once[0].cancel();
            listing.forgetStale(runs);
            try (KeyValueIterator<String, Run> all = runs.all()) {
                while (all.hasNext()) {
                    Run run = all.next().value;
                    if (!listing.holds(run)) {
                        listing.put(run, null);
                    }
                }
            }
        });
    }

    @Override
    public void process(Record<String, Decoded<RunEvent>> record) {
        RunEvent event = record.value().value();
        if (event.getFence() != null) {
            pass(event.getFence());
        } else {
            fold(event);
        }
        forgetOldItems(now());
    }

    private void fold(RunEvent event) {
        Run run = runs.get(event.getRunId());
        RunListing.Entry listed = run == null ? null : RunListing.Entry.of(run);
        if (run == null) {
            if (isOfWholeRun(event)) {
                return; // an alert that was rejected whole, and that no gateway had accepted, is no run
            }
            run = Run.newBuilder()
                    .setRunId(event.getRunId())
                    .setState(RunState.RUNNING)
                    .setStartedAt(event.getAt())
                    .setLastEventAt(event.getAt())
                    .build();
        }
        boolean progress = isProgress(run, event);
        if (progress && isStalled(run)) {
            run.setCode(null); // it was given up too early
            RunFailures.removeAll(run, ErrorCode.RUN_STALLED.code());
        }
        apply(run, event);
        if (progress && event.getAt().isAfter(run.getLastEventAt())) {
            run.setLastEventAt(event.getAt());
        }
        Instant finishedAt = run.getFinishedAt();
        conclude(run, progress || finishedAt == null ? run.getLastEventAt() : finishedAt);
        for (CaptureTask order : RunSweeps.due(run)) {
            LOG.info("Run {} has seen all of {}: what it did not see goes", run.getRunId(), order.getProcessor());
            context.forward(
                    new Record<>(RunIds.taskKey(run.getRunId(), order.getProcessor(), ""), order, now().toEpochMilli()),
                    RunsTopology.SWEEPS);
        }
        runs.put(run.getRunId(), run);
        listing.put(run, listed);
        watchWhileRunning(run, now());
    }

    /**
     * Whether an event is of what the run does. What is only said of it, as that it was ordered once more, is to be cancelled or was
     * retried, neither moves its end nor tells that it goes on.
     */
    private static boolean isProgress(Run run, RunEvent event) {
        return switch (event.getKind()) {
            case ACCEPTED, RETRIED -> false;
            case CANCELLED -> event.getRecordId() != null;
            case FAILED -> event.getRecordId() != null || !isOfAnotherOrder(run, event);
            case FANNED_OUT, MATCHED, TASK_DONE, ENRICHED, UNCHANGED, REJECTED, INDEXED -> true;
        };
    }

    /** What was refused is another order under the same alert id. */
    private static boolean isOfAnotherOrder(Run run, RunEvent event) {
        return run.getFannedOut() && RunFailures.codeOf(event).equals(ErrorCode.IDEMPOTENCY_CONFLICT.code());
    }

    private static boolean isOfWholeRun(RunEvent event) {
        return switch (event.getKind()) {
            case FAILED, CANCELLED -> event.getRecordId() == null;
            case RETRIED -> true;
            case ACCEPTED, FANNED_OUT, MATCHED, TASK_DONE, ENRICHED, UNCHANGED, REJECTED, INDEXED -> false;
        };
    }

    private void pass(Fence fence) {
        Instant now = now();
        int ended = 0;
        for (String runId : List.copyOf(running.keySet())) {
            Run run = runs.get(runId);
            if (run != null && isOf(run, fence)) {
                fold(RunEvents.topicDeleted(runId, fence.getTopic(), now));
                ended++;
            }
        }
        FenceAck ack = FenceAck.newBuilder()
                .setFenceId(fence.getFenceId())
                .setStage(RunsTopology.NAME)
                .setTopic(Topics.RUN_EVENT)
                .setPartition(context.taskId().partition())
                .setRemoved(ended)
                .setAt(now)
                .build();
        LOG.info("Fence {} passed partition {}: {} runs ended", fence.getFenceId(), ack.getPartition(), ended);
        context.forward(new Record<>(fence.getFenceId(), ack, now.toEpochMilli()), RunsTopology.FENCE_ACKS);
    }

    /** A run that began before runs bore the life of their topic is taken for one of the life that ends. */
    private static boolean isOf(Run run, Fence fence) {
        return run.getTopic().equals(fence.getTopic())
                && (run.getIncarnation() == null || fence.getIncarnations().contains(run.getIncarnation()));
    }

    private static boolean isStalled(Run run) {
        return ErrorCode.RUN_STALLED.code().equals(run.getCode());
    }

    private void apply(Run run, RunEvent event) {
        if (event.getAt().isBefore(run.getStartedAt())) {
            run.setStartedAt(event.getAt());
        }
        switch (event.getKind()) {
            case ACCEPTED -> {
                describe(run, event);
                if (run.getAccepted().isEmpty()) { // another order under the same id is refused, and not this run
                    run.setAccepted(event.getSegments());
                    if (!run.getFannedOut()) {
                        run.setSegments(event.getSegments());
                    }
                    endMissing(run, event);
                }
            }
            case FANNED_OUT -> {
                describe(run, event);
                run.setSegments(event.getSegments());
                run.setFannedOut(true);
                if (event.getOtherRun() != null) {
                    run.setRetryOf(event.getOtherRun());
                }
                endMissing(run, event);
            }
            case MATCHED -> matched(run, event);
            case TASK_DONE -> counts.taskDone(run, event);
            case RETRIED -> retried(run, event);
            case ENRICHED, UNCHANGED, REJECTED, INDEXED, CANCELLED, FAILED -> {
                if (event.getRecordId() != null) {
                    counts.item(run, event, event.getRecordId());
                } else if (event.getKind() == RunEventKind.CANCELLED) {
                    run.setCancelRequested(true);
                } else if (event.getSegment() != null) {
                    end(run, event, event.getSegment());
                } else {
                    wholeRun(run, event);
                }
            }
        }
    }

    private static void describe(Run run, RunEvent event) {
        run.setAlertId(event.getAlertId() == null ? "" : event.getAlertId());
        run.setTopic(event.getTopic() == null ? "" : event.getTopic());
        if (event.getIncarnation() != null) {
            run.setIncarnation(event.getIncarnation());
        }
    }

    /** A gateway accepts only what exists: a segment that the fan-out did not find was deleted in between. */
    private void endMissing(Run run, RunEvent event) {
        if (run.getFannedOut()) {
            List<String> missing = run.getAccepted().stream()
                    .filter(segment -> !run.getSegments().contains(segment))
                    .toList();
            for (String segment : missing) {
                end(run, RunEvents.segmentDeleted(run.getRunId(), run.getTopic(), segment, event.getAt()), segment);
            }
        }
    }

    private void end(Run run, RunEvent event, String segment) {
        String key = run.getRunId() + "/s/" + segment;
        if (items.get(key) == null) {
            items.put(
                    key,
                    RunItem.newBuilder()
                            .setFailed(true)
                            .setCode(RunFailures.codeOf(event))
                            .setAt(event.getAt())
                            .build());
            List<String> ended = new ArrayList<>(run.getEnded());
            ended.add(segment);
            ended.sort(Comparator.naturalOrder());
            run.setEnded(ended);
            RunFailures.add(run, event);
        }
    }

    private static void matched(Run run, RunEvent event) {
        if (event.getSegment() != null) {
            Map<String, Integer> matched = new HashMap<>(run.getMatched());
            matched.put(event.getSegment(), event.getTasks());
            run.setMatched(matched);
            RunItems.matched(run, event.getProcessors());
            RunSweeps.matched(run, event, event.getSegment());
        }
    }

    private static void retried(Run run, RunEvent event) {
        if (event.getOtherRun() != null && !run.getRetriedBy().contains(event.getOtherRun())) {
            List<String> retries = new ArrayList<>(run.getRetriedBy());
            retries.add(event.getOtherRun());
            retries.sort(Comparator.naturalOrder());
            run.setRetriedBy(retries);
        }
    }

    /** The run failed as a whole. Of several codes it bears the first in the alphabet. */
    private void wholeRun(Run run, RunEvent event) {
        if (isOfAnotherOrder(run, event)) {
            return;
        }
        String code = RunFailures.codeOf(event);
        if (run.getCode() == null || code.compareTo(run.getCode()) < 0) {
            run.setCode(code);
        }
        String key = run.getRunId() + "/r/" + code;
        if (items.get(key) == null) {
            items.put(
                    key,
                    RunItem.newBuilder()
                            .setFailed(true)
                            .setCode(code)
                            .setAt(event.getAt())
                            .build());
            RunFailures.add(run, event);
        }
    }

    /** Late events still correct a run that has ended. */
    private static void conclude(Run run, Instant at) {
        RunState state = RunOutcome.of(run);
        run.setFinishedAt(state == RunState.RUNNING ? null : at);
        if (state == RunState.FAILED && run.getCode() == null && RunOutcome.hasNoProcessor(run)) {
            run.setCode(ErrorCode.RUN_NO_PROCESSOR.code());
            RunFailures.add(
                    run,
                    ErrorCode.RUN_NO_PROCESSOR.code(),
                    new RunSample(
                            "",
                            "No processor serves " + String.join(", ", run.getSegments()) + " of " + run.getTopic()
                                    + ". Add one to config/processors."));
        }
        run.setState(state);
    }

    private void watchWhileRunning(Run run, Instant heardAt) {
        if (run.getState() == RunState.RUNNING) {
            running.put(run.getRunId(), heardAt);
        } else {
            running.remove(run.getRunId());
        }
        if (running.isEmpty() && watch != null) {
            watch.cancel();
            watch = null;
        } else if (!running.isEmpty() && watch == null) {
            watch = context.schedule(LOOK_EVERY, PunctuationType.WALL_CLOCK_TIME, _ -> endStalled());
        }
    }

    private void endStalled() {
        Instant now = now();
        Map.copyOf(running).forEach((runId, heardAt) -> {
            Run run = runs.get(runId);
            if (run == null) {
                running.remove(runId);
            } else if (heardAt.plus(STALLED_AFTER).isBefore(now)) {
                run.setCode(ErrorCode.RUN_STALLED.code());
                RunFailures.add(
                        run,
                        ErrorCode.RUN_STALLED.code(),
                        new RunSample(
                                "",
                                "Nothing was heard of the run for " + STALLED_AFTER.toMinutes()
                                        + " minutes. Look at the dead letters, then collect again."));
                conclude(run, now);
                runs.put(runId, run);
                watchWhileRunning(run, heardAt);
            }
        });
        forgetOldItems(now);
    }

    private void forgetOldItems(Instant now) {
        if (now.toEpochMilli() - forgotAtMs < FORGET_EVERY.toMillis()) {
            return;
        }
        forgotAtMs = now.toEpochMilli();
        List<String> old = new ArrayList<>();
        try (KeyValueIterator<String, RunItem> all = items.all()) {
            while (all.hasNext()) {
                KeyValue<String, RunItem> entry = all.next();
                if (entry.value.getAt().plus(KEEP_ITEMS).isBefore(now)) {
                    old.add(entry.key);
                }
            }
        }
        old.forEach(items::delete);
    }

    private Instant now() {
        return Instant.ofEpochMilli(context.currentSystemTimeMs());
    }
}
