package io.penstock.run;

import io.penstock.error.ErrorCode;
import io.penstock.schema.Run;
import io.penstock.schema.RunEvent;
import io.penstock.schema.RunEventKind;
import io.penstock.schema.RunFailure;
import io.penstock.schema.RunItem;
import io.penstock.schema.RunState;
import io.penstock.serde.Decoded;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Folds run events as sets: a counter moves only when an item or task makes a transition for the first time, so events may come
 * twice and in any order.
 *
 * <p>The keys of {@code run-items} are {@code run id/i/record id} for items and {@code run id/t/task} for tasks.
 */
@SuppressWarnings("NullAway.Init") // set in init(), which comes before everything else
final class RunFold implements Processor<String, Decoded<RunEvent>, Void, Void> {
    private static final Duration STALLED_AFTER = Duration.ofMinutes(30);
    private static final Duration LOOK_EVERY = Duration.ofMinutes(1);
    private static final Duration KEEP_ITEMS = Duration.ofDays(7);
    private static final Duration FORGET_EVERY = Duration.ofHours(1);

    private ProcessorContext<Void, Void> context;
    private KeyValueStore<String, Run> runs;
    private KeyValueStore<String, RunItem> items;
    private final Set<String> running = new HashSet<>();
    private @Nullable Cancellable watch;
    private long forgotAtMs;

    @Override
    public void init(ProcessorContext<Void, Void> newContext) {
        context = newContext;
        runs = context.getStateStore(RunsTopology.RUNS);
        items = context.getStateStore(RunsTopology.RUN_ITEMS);
        running.clear();
        watch = null;
        try (KeyValueIterator<String, Run> all = runs.all()) {
            all.forEachRemaining(entry -> watchWhileRunning(entry.value));
        }
    }

    @Override
    public void process(Record<String, Decoded<RunEvent>> record) {
        RunEvent event = record.value().value();
        Run run = runs.get(event.getRunId());
        if (run == null) {
            if (event.getKind() == RunEventKind.FAILED && event.getRecordId() == null) {
                return; // an alert that was rejected whole, and that no gateway had accepted, is no run
            }
            run = Run.newBuilder()
                    .setRunId(event.getRunId())
                    .setState(RunState.RUNNING)
                    .setStartedAt(event.getAt())
                    .setLastEventAt(event.getAt())
                    .build();
        }
        apply(run, event);
        run.setLastEventAt(now());
        conclude(run, event.getAt());
        runs.put(run.getRunId(), run);
        watchWhileRunning(run);
    }

    private void apply(Run run, RunEvent event) {
        if (event.getAt().isBefore(run.getStartedAt())) {
            run.setStartedAt(event.getAt());
        }
        switch (event.getKind()) {
            case ACCEPTED -> {
                describe(run, event);
                if (!run.getFannedOut()) {
                    run.setSegments(event.getSegments());
                }
            }
            case FANNED_OUT -> {
                describe(run, event);
                run.setSegments(event.getSegments());
                run.setFannedOut(true);
            }
            case MATCHED -> matched(run, event);
            case TASK_DONE -> taskDone(run, event);
            case ENRICHED, UNCHANGED, REJECTED, INDEXED, FAILED -> {
                if (event.getRecordId() == null) {
                    run.setCode(event.getCode());
                    countFailure(run, event, 0);
                } else {
                    item(run, event, event.getRecordId());
                }
            }
        }
    }

    private static void describe(Run run, RunEvent event) {
        run.setAlertId(event.getAlertId() == null ? "" : event.getAlertId());
        run.setTopic(event.getTopic() == null ? "" : event.getTopic());
    }

    private static void matched(Run run, RunEvent event) {
        if (event.getSegment() != null) {
            Map<String, Integer> matched = new HashMap<>(run.getMatched());
            matched.put(event.getSegment(), event.getTasks());
            run.setMatched(matched);
        }
    }

    private void taskDone(Run run, RunEvent event) {
        String key = run.getRunId() + "/t/" + event.getTask();
        if (items.get(key) == null) {
            items.put(
                    key, RunItem.newBuilder().setDone(true).setAt(event.getAt()).build());
            run.setTasksDone(run.getTasksDone() + 1);
            run.setItems(run.getItems() + event.getItems());
            run.setCaptured(run.getCaptured() + event.getCaptured());
        }
    }

    private void item(Run run, RunEvent event, String recordId) {
        String key = run.getRunId() + "/i/" + recordId;
        RunItem item = items.get(key);
        if (item == null) {
            item = RunItem.newBuilder().setAt(event.getAt()).build();
        }
        boolean wasTerminal = isTerminal(item);
        switch (event.getKind()) {
            case ENRICHED -> enriched(run, item);
            case INDEXED -> {
                enriched(run, item); // nothing is indexed that was not enriched, whichever event comes first
                if (!item.getIndexed()) {
                    item.setIndexed(true);
                    run.setIndexed(run.getIndexed() + 1);
                }
            }
            case UNCHANGED -> {
                if (!item.getUnchanged()) {
                    item.setUnchanged(true);
                    run.setUnchanged(run.getUnchanged() + 1);
                }
            }
            case REJECTED -> {
                if (!item.getRejected()) {
                    item.setRejected(true);
                    item.setCode(event.getCode());
                    run.setRejected(run.getRejected() + 1);
                }
            }
            case FAILED -> {
                if (!item.getFailed()) {
                    item.setFailed(true);
                    item.setCode(event.getCode());
                    run.setFailed(run.getFailed() + 1);
                    countFailure(run, event, 1);
                }
            }
            case ACCEPTED, FANNED_OUT, MATCHED, TASK_DONE ->
                throw new IllegalArgumentException("not of an item: " + event);
        }
        item.setAt(event.getAt());
        items.put(key, item);
        if (!wasTerminal && isTerminal(item)) {
            run.setTerminal(run.getTerminal() + 1);
        }
    }

    private static void enriched(Run run, RunItem item) {
        if (!item.getEnriched()) {
            item.setEnriched(true);
            run.setEnriched(run.getEnriched() + 1);
        }
    }

    private static boolean isTerminal(RunItem item) {
        return item.getUnchanged() || item.getRejected() || item.getIndexed() || item.getFailed();
    }

    private static void countFailure(Run run, RunEvent event, int count) {
        String code = event.getCode() == null ? ErrorCode.INTERNAL.code() : event.getCode();
        List<RunFailure> failures = new ArrayList<>(run.getFailures());
        for (RunFailure failure : failures) {
            if (failure.getCode().equals(code)) {
                failure.setCount(failure.getCount() + count);
                return;
            }
        }
        String sample = (event.getRecordId() == null ? "" : event.getRecordId() + ": ")
                + (event.getMessage() == null ? code : event.getMessage());
        failures.add(new RunFailure(code, Math.max(1, count), sample));
        run.setFailures(failures);
    }

    /** Late events still correct a run that has ended. */
    private static void conclude(Run run, Instant at) {
        RunState state = RunOutcome.of(run);
        if (state == RunState.RUNNING) {
            run.setFinishedAt(null);
        } else if (run.getFinishedAt() == null) {
            run.setFinishedAt(at);
        }
        if (state == RunState.FAILED && run.getCode() == null && RunOutcome.hasNoProcessor(run)) {
            run.setCode(ErrorCode.RUN_NO_PROCESSOR.code());
            List<RunFailure> failures = new ArrayList<>(run.getFailures());
            failures.add(new RunFailure(
                    ErrorCode.RUN_NO_PROCESSOR.code(),
                    1,
                    "No processor serves " + String.join(", ", run.getSegments()) + " of " + run.getTopic()
                            + ". Add one to config/processors."));
            run.setFailures(failures);
        }
        run.setState(state);
    }

    private void watchWhileRunning(Run run) {
        if (run.getState() == RunState.RUNNING) {
            running.add(run.getRunId());
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
        for (String runId : List.copyOf(running)) {
            Run run = runs.get(runId);
            if (run == null) {
                running.remove(runId);
            } else if (run.getLastEventAt().plus(STALLED_AFTER).isBefore(now)) {
                run.setCode(ErrorCode.RUN_STALLED.code());
                List<RunFailure> failures = new ArrayList<>(run.getFailures());
                failures.add(new RunFailure(
                        ErrorCode.RUN_STALLED.code(),
                        1,
                        "Nothing was heard of the run for " + STALLED_AFTER.toMinutes()
                                + " minutes. Look at the dead letters, then collect again."));
                run.setFailures(failures);
                conclude(run, now);
                runs.put(runId, run);
                watchWhileRunning(run);
            }
        }
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
