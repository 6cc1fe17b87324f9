package io.penstock.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.Topics;
import io.penstock.processor.TaskPartitioner;
import io.penstock.query.StoreQueries;
import io.penstock.run.RunEvents;
import io.penstock.run.RunIds;
import io.penstock.run.RunItems;
import io.penstock.run.RunsTopology;
import io.penstock.schema.CaptureTask;
import io.penstock.schema.Fence;
import io.penstock.schema.Run;
import io.penstock.schema.RunEvent;
import io.penstock.schema.RunItem;
import io.penstock.schema.RunState;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.AvroSerdes;
import io.penstock.table.TableWriter;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Cancels runs, and has the failed items of a run captured again. */
public final class RunGateway {
    private static final int PAGE = 1_000;

    private final Transactions transactions;
    private final TableWriter<Fence> cancelled;
    private final StoreQueries stores;
    private final RetryPlan.Maker plans;
    private final AvroCodec<RunEvent> events;
    private final AvroCodec<CaptureTask> tasks;
    private final InstantSource clock;

    RunGateway(
            Transactions transactions,
            TableWriter<Fence> cancelled,
            StoreQueries stores,
            RetryPlan.Maker plans,
            AvroSerdes serdes,
            InstantSource clock) {
        this.transactions = transactions;
        this.cancelled = cancelled;
        this.stores = stores;
        this.plans = plans;
        this.events = serdes.codec(RunEvent.class);
        this.tasks = serdes.codec(CaptureTask.class);
        this.clock = clock;
    }

    /**
     * A run that has the failed items of another.
     *
     * @param leftOut failed items that cannot be captured again, with the reason
     */
    public record Retry(
            String runId,
            String alertId,
            String topic,
            List<String> segments,
            int tasks,
            Map<String, String> leftOut) {}

    /**
     * Ends a run as soon as what was captured is indexed: what has not been captured is not. May be called again.
     *
     * @throws PenstockException {@code not-ready}: then it may be cancelled or not
     */
    public void cancel(Run run) {
        Instant now = clock.instant();
        Fence fence = Fence.newBuilder()
                .setFenceId("run/" + run.getRunId())
                .setTopic("")
                .setRunId(run.getRunId())
                .setRequestedAt(now)
                .build();
        // First what every capture looks at before each call: a fence may lie behind thousands of tasks.
        cancelled.put(run.getRunId(), fence);
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        records.add(record(RunEvents.cancelRequested(run.getRunId(), now)));
        byte[] order = tasks.encode(
                Topics.CAPTURE_TASK, CaptureTask.newBuilder().setFence(fence).build());
        byte[] key = ("fence/" + fence.getFenceId()).getBytes(UTF_8);
        for (int partition = 0; partition < transactions.partitionsOf(Topics.CAPTURE_TASK); partition++) {
            records.add(new ProducerRecord<>(Topics.CAPTURE_TASK, partition, key, order));
        }
        transactions.commit(records, "The run " + run.getRunId() + " could not be cancelled; ask again.");
    }

    /**
     * Sets off a run that has exactly the tasks of the items that have failed, as their processors are now.
     *
     * @param alertId of the new run; the same one gives the same retry of this run, and is sent once
     * @throws PenstockException {@code run.not-ended}, {@code run.nothing-failed}, {@code topic.deleted}, {@code not-ready},
     *     {@code idempotency.conflict}
     */
    public Retry retry(Run run, String alertId) {
        if (run.getState() == RunState.RUNNING) {
            throw new PenstockException(
                    ErrorCode.RUN_NOT_ENDED,
                    "The run " + run.getRunId() + " goes on; what has failed can be captured again when it has ended.");
        }
        String runId = retryId(run, alertId);
        RetryPlan plan = plans.plan(run, runId, failedItems(run.getRunId()));
        if (plan.tasks().isEmpty()) {
            throw nothing(run, plan);
        }
        Retry retry = new Retry(
                runId, alertId, run.getTopic(), plan.segments(), plan.tasks().size(), plan.leftOut());
        Optional<Run> known = stores.get(RunsTopology.RUNS, runId).map(Run.class::cast);
        if (known.isPresent()) {
            requireRetryOf(run, known.get());
        } else {
            publish(run, retry, plan);
        }
        return retry;
    }

    /** Of the run as well, so that the key of a collection, or of another run's retry, may be the same. */
    static String retryId(Run run, String alertId) {
        return RunIds.runId("retry/" + run.getRunId() + "/" + alertId, run.getTopic());
    }

    static void requireRetryOf(Run run, Run known) {
        if (!run.getRunId().equals(known.getRetryOf())) {
            throw new PenstockException(
                    ErrorCode.IDEMPOTENCY_CONFLICT,
                    "The Idempotency-Key stands for another order. Use a new key for a new order.");
        }
    }

    private void publish(Run run, Retry retry, RetryPlan plan) {
        Instant now = clock.instant();
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        records.add(record(RunEvents.retryOf(
                RunEvents.ofLife(
                        RunEvents.fannedOut(retry.runId(), retry.alertId(), retry.topic(), retry.segments(), now),
                        plan.topicIncarnation()),
                run.getRunId())));
        plan.tasksBySegment()
                .forEach((segment, processors) ->
                        records.add(record(RunEvents.matched(retry.runId(), segment, processors, now))));
        records.add(record(RunEvents.retried(run.getRunId(), retry.runId(), now)));
        int partitions = transactions.partitionsOf(Topics.CAPTURE_TASK);
        for (CaptureTask task : plan.tasks()) {
            records.add(record(task, tasks, partitions));
        }
        transactions.commit(
                records,
                "The failed items could not be ordered again; ask once more with the same Idempotency-Key, if you gave"
                        + " one, or look at 'retried_by' of the run first.");
    }

    /** Goes where the entry's tasks of other runs go: what capture remembers of the entry is there. */
    static ProducerRecord<byte[], byte[]> record(CaptureTask task, AvroCodec<CaptureTask> codec, int partitions) {
        String key = RunIds.taskKey(
                task.getRunId(), task.getProcessor(), task.getEntry().getValue());
        return new ProducerRecord<>(
                Topics.CAPTURE_TASK,
                TaskPartitioner.partition(key, partitions),
                key.getBytes(UTF_8),
                codec.encode(Topics.CAPTURE_TASK, task));
    }

    private static PenstockException nothing(Run run, RetryPlan plan) {
        if (plan.leftOut().isEmpty()) {
            return new PenstockException(
                    ErrorCode.RUN_NOTHING_FAILED,
                    "No item of the run " + run.getRunId()
                            + " has failed, or they are forgotten, as they are after 7 days."
                            + " Collect the segments again.");
        }
        Map.Entry<String, String> first = plan.leftOut().entrySet().iterator().next();
        return new PenstockException(
                ErrorCode.RUN_NOTHING_FAILED,
                "None of the " + plan.leftOut().size() + " items that have failed can be captured again. "
                        + first.getKey() + ": " + first.getValue());
    }

    private List<String> failedItems(String runId) {
        String prefix = RunItems.itemPrefix(runId);
        List<String> failed = new ArrayList<>();
        String after = null;
        do {
            StoreQueries.Page page =
                    stores.page(RunsTopology.RUN_ITEMS, new StoreQueries.Range(prefix, null, null, after, PAGE));
            for (StoreQueries.Entry entry : page.entries()) {
                if (RunItems.isFailed((RunItem) entry.value())) {
                    failed.add(entry.key().substring(prefix.length()));
                }
            }
            after = page.next();
        } while (after != null);
        return failed;
    }

    private ProducerRecord<byte[], byte[]> record(RunEvent event) {
        return new ProducerRecord<>(
                Topics.RUN_EVENT, event.getRunId().getBytes(UTF_8), events.encode(Topics.RUN_EVENT, event));
    }
}
