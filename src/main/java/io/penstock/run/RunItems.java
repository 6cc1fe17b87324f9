package io.penstock.run;

import io.penstock.schema.Run;
import io.penstock.schema.RunEvent;
import io.penstock.schema.RunFailure;
import io.penstock.schema.RunItem;
import io.penstock.schema.RunProgress;
import io.penstock.schema.RunSample;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Counts the items and tasks of runs, in the run and for each processor, as sets: what an item counts as depends on what was seen of
 * it and not on the order. An item that was indexed, found unchanged or rejected is no failure, even if it failed in another try,
 * and of several failures and of several ends of a task the latest counts.
 */
public final class RunItems {
    private static final Comparator<RunItem> LATEST_TASK = Comparator.comparing(RunItem::getAt)
            .thenComparing(RunItem::getItems)
            .thenComparing(RunItem::getCaptured);

    private final KeyValueStore<String, RunItem> items;

    RunItems(KeyValueStore<String, RunItem> items) {
        this.items = items;
    }

    /** Where the items of a run begin in the store. */
    public static String itemPrefix(String runId) {
        return runId + "/i/";
    }

    /** Whether an item counts as failed. */
    public static boolean isFailed(RunItem item) {
        return item.getFailed()
                && !item.getWithdrawn()
                && !item.getIndexed()
                && !item.getUnchanged()
                && !item.getRejected();
    }

    private static boolean isCancelled(RunItem item) {
        return item.getCancelled()
                && !item.getFailed()
                && !item.getIndexed()
                && !item.getUnchanged()
                && !item.getRejected();
    }

    private static boolean isTerminal(RunItem item) {
        return item.getUnchanged()
                || item.getRejected()
                || item.getIndexed()
                || (item.getFailed() && !item.getWithdrawn())
                || item.getCancelled();
    }

    void taskDone(Run run, RunEvent event) {
        String task = String.valueOf(event.getTask());
        String key = run.getRunId() + "/t/" + task;
        RunItem before = items.get(key);
        RunItem after = RunItem.newBuilder()
                .setDone(true)
                .setItems(event.getItems())
                .setCaptured(event.getCaptured())
                .setAt(event.getAt())
                .setFailedItem(before == null ? null : before.getFailedItem())
                .build();
        if (before != null && before.getDone() && LATEST_TASK.compare(after, before) <= 0) {
            return;
        }
        items.put(key, after);
        int more = before == null || !before.getDone() ? 1 : 0;
        int moreItems = after.getItems() - (before == null ? 0 : before.getItems());
        int moreCaptured = after.getCaptured() - (before == null ? 0 : before.getCaptured());
        run.setTasksDone(run.getTasksDone() + more);
        run.setItems(run.getItems() + moreItems);
        run.setCaptured(run.getCaptured() + moreCaptured);
        progress(run, part(task, 1), progress -> {
            progress.setTasksDone(progress.getTasksDone() + more);
            progress.setItems(progress.getItems() + moreItems);
            progress.setCaptured(progress.getCaptured() + moreCaptured);
        });
        String failedItem = after.getFailedItem();
        RunItem failed = failedItem == null ? null : items.get(itemPrefix(run.getRunId()) + failedItem);
        if (failed != null) {
            RunItem looked = RunItem.newBuilder(failed)
                    .setWithdrawn(isWithdrawn(failed, after))
                    .build();
            items.put(itemPrefix(run.getRunId()) + failedItem, looked);
            count(run, failed, looked, failedItem);
        }
    }

    /** The item stood for its task, which was captured later: what counts are the items that it made then. */
    private static boolean isWithdrawn(RunItem item, RunItem task) {
        return task.getCaptured() > 0
                && item.getFailedAt() != null
                && task.getAt().isAfter(item.getFailedAt());
    }

    private RunItem taskOf(Run run, RunEvent event, String task, String recordId) {
        String key = run.getRunId() + "/t/" + task;
        RunItem known = items.get(key);
        RunItem named = (known == null ? RunItem.newBuilder().setAt(event.getAt()) : RunItem.newBuilder(known))
                .setFailedItem(recordId)
                .build();
        if (!named.equals(known)) {
            items.put(key, named);
        }
        return named;
    }

    void item(Run run, RunEvent event, String recordId) {
        String key = itemPrefix(run.getRunId()) + recordId;
        RunItem known = items.get(key);
        RunItem before =
                known == null ? RunItem.newBuilder().setAt(event.getAt()).build() : known;
        RunItem after = RunItem.newBuilder(before).build();
        see(after, event);
        reached(run, event);
        if (after.getAt().isBefore(event.getAt())) {
            after.setAt(event.getAt());
        }
        if (event.getTask() != null) {
            after.setTask(event.getTask());
        }
        if (after.getTask() != null) {
            after.setWithdrawn(isWithdrawn(after, taskOf(run, event, after.getTask(), recordId)));
        }
        items.put(key, after);
        count(run, before, after, recordId);
    }

    private static void see(RunItem item, RunEvent event) {
        switch (event.getKind()) {
            case ENRICHED -> item.setEnriched(true);
            case INDEXED -> {
                item.setEnriched(true); // nothing is indexed that was not enriched, whichever event comes first
                item.setIndexed(true);
            }
            case UNCHANGED -> item.setUnchanged(true);
            case REJECTED -> {
                item.setRejected(true);
                if (!item.getFailed()) {
                    item.setCode(event.getCode());
                }
                if (isLater(event, item.getRejectedAt(), item.getRejectedCode(), item.getRejectedMessage())) {
                    item.setRejectedAt(event.getAt());
                    item.setRejectedCode(RunFailures.codeOf(event));
                    item.setRejectedMessage(RunFailures.messageOf(event));
                }
            }
            case CANCELLED -> item.setCancelled(true);
            case FAILED -> {
                if (!item.getFailed() || isLater(event, item.getFailedAt(), item.getCode(), item.getMessage())) {
                    item.setFailed(true);
                    item.setFailedAt(event.getAt());
                    item.setCode(RunFailures.codeOf(event));
                    item.setMessage(RunFailures.messageOf(event));
                }
            }
            case ACCEPTED, FANNED_OUT, MATCHED, TASK_DONE, RETRIED ->
                throw new IllegalArgumentException("not of an item: " + event);
        }
    }

    /** Than what is known, null for nothing. Of two of one moment the first in the alphabet counts. */
    private static boolean isLater(
            RunEvent event, @Nullable Instant at, @Nullable String code, @Nullable String message) {
        int later = at == null ? 1 : event.getAt().compareTo(at);
        return later > 0
                || (later == 0
                        && (RunFailures.codeOf(event) + RunFailures.messageOf(event))
                                        .compareTo(String.valueOf(code) + message)
                                < 0);
    }

    private void count(Run run, RunItem before, RunItem after, String recordId) {
        int enriched = change(before.getEnriched(), after.getEnriched());
        int unchanged = change(before.getUnchanged(), after.getUnchanged());
        int rejected = change(before.getRejected(), after.getRejected());
        int indexed = change(before.getIndexed(), after.getIndexed());
        int failed = change(isFailed(before), isFailed(after));
        int cancelled = change(isCancelled(before), isCancelled(after));
        run.setEnriched(run.getEnriched() + enriched);
        run.setUnchanged(run.getUnchanged() + unchanged);
        run.setRejected(run.getRejected() + rejected);
        run.setIndexed(run.getIndexed() + indexed);
        run.setFailed(run.getFailed() + failed);
        run.setCancelled(run.getCancelled() + cancelled);
        run.setTerminal(run.getTerminal() + change(isTerminal(before), isTerminal(after)));
        progress(run, part(recordId, 2), progress -> {
            progress.setEnriched(progress.getEnriched() + enriched);
            progress.setUnchanged(progress.getUnchanged() + unchanged);
            progress.setRejected(progress.getRejected() + rejected);
            progress.setIndexed(progress.getIndexed() + indexed);
            progress.setFailed(progress.getFailed() + failed);
            progress.setCancelled(progress.getCancelled() + cancelled);
        });
        run.setFailures(listed(
                run.getFailures(),
                failure(before, recordId),
                failure(after, recordId),
                code -> first(run.getRunId(), code, RunItems::failure)));
        run.setRejections(listed(
                run.getRejections(),
                rejection(before, recordId),
                rejection(after, recordId),
                code -> first(run.getRunId(), code, RunItems::rejection)));
    }

    /** An item as it is listed under a code. */
    private record Coded(String code, RunSample sample) {}

    private static List<RunFailure> listed(
            List<RunFailure> all, Optional<Coded> was, Optional<Coded> is, Function<String, List<RunSample>> first) {
        if (was.equals(is)) {
            return all;
        }
        List<RunFailure> without = was.isEmpty()
                ? all
                : RunFailures.without(all, was.get().code(), was.get().sample().getRecordId(), first);
        return is.isEmpty()
                ? without
                : RunFailures.with(without, is.get().code(), is.get().sample());
    }

    private static Optional<Coded> failure(RunItem item, String recordId) {
        return isFailed(item) ? Optional.of(coded(item.getCode(), recordId, item.getMessage())) : Optional.empty();
    }

    /** What an earlier version has kept of a rejected item is its code. */
    private static Optional<Coded> rejection(RunItem item, String recordId) {
        String code = item.getRejectedCode() == null ? item.getCode() : item.getRejectedCode();
        return item.getRejected() ? Optional.of(coded(code, recordId, item.getRejectedMessage())) : Optional.empty();
    }

    private static Coded coded(@Nullable String code, String recordId, @Nullable String message) {
        return new Coded(String.valueOf(code), new RunSample(recordId, message == null ? "" : message));
    }

    private static int change(boolean before, boolean after) {
        return (after ? 1 : 0) - (before ? 1 : 0);
    }

    private List<RunSample> first(String runId, String code, BiFunction<RunItem, String, Optional<Coded>> how) {
        List<RunSample> found = new ArrayList<>();
        String prefix = itemPrefix(runId);
        try (KeyValueIterator<String, RunItem> all = items.prefixScan(prefix, new StringSerializer())) {
            while (all.hasNext() && found.size() < RunFailures.SAMPLES) {
                KeyValue<String, RunItem> entry = all.next();
                how.apply(entry.value, entry.key.substring(prefix.length()))
                        .filter(coded -> coded.code().equals(code))
                        .ifPresent(coded -> found.add(coded.sample()));
            }
        }
        return found;
    }

    /** The farthest place of each partition counts, so the order of the events does not. */
    private static void reached(Run run, RunEvent event) {
        if (event.getPartition() != null && event.getOffset() != null) {
            Map<String, Long> position = new TreeMap<>(run.getIndexPosition());
            position.merge(Integer.toString(event.getPartition()), event.getOffset(), Math::max);
            run.setIndexPosition(position);
        }
    }

    /** So many tasks were made for each processor of a segment. */
    static void matched(Run run, Map<String, Integer> tasks) {
        tasks.forEach((processor, count) -> progress(run, processor, progress -> progress.setTasks(count)));
    }

    /** @param processor null where an id names none, since others may write events too; they count in the run alone */
    private static void progress(Run run, @Nullable String processor, Consumer<RunProgress> change) {
        if (processor == null) {
            return;
        }
        Map<String, RunProgress> processors = new HashMap<>(run.getProcessors());
        RunProgress progress = RunProgress.newBuilder(processors.getOrDefault(
                        processor, RunProgress.newBuilder().build()))
                .build();
        change.accept(progress);
        processors.put(processor, progress);
        run.setProcessors(processors);
    }

    private static @Nullable String part(String id, int index) {
        String[] parts = id.split("/", index + 2);
        return parts.length == index + 2 ? parts[index] : null;
    }
}
