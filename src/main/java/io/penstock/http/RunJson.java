package io.penstock.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schema.Run;
import io.penstock.schema.RunFailure;
import io.penstock.schema.RunProgress;
import io.penstock.schema.RunSample;
import io.penstock.schema.RunState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;

/** Runs as callers see them. */
final class RunJson {
    private RunJson() {}

    /** @param now to which the rate and the estimate are computed while it goes on */
    static ObjectNode of(Run run, Instant now) {
        ObjectNode node = of(run);
        ObjectNode progress = (ObjectNode) node.get("progress");
        Instant end = run.getFinishedAt() == null ? now : run.getFinishedAt();
        double seconds = Math.max(1, Duration.between(run.getStartedAt(), end).toMillis()) / 1000.0;
        double rate = run.getTerminal() / seconds;
        progress.put("items_per_second", Math.round(rate * 100) / 100.0);
        int left = expected(run) - run.getTerminal();
        if (run.getState() == RunState.RUNNING && rate > 0) {
            progress.put(
                    "estimated_end_at",
                    now.plusMillis(Math.round(1000 * left / rate)).toString());
        } else {
            progress.putNull("estimated_end_at");
        }
        return node;
    }

    /** The same without what changes by itself while time passes. */
    static ObjectNode of(Run run) {
        ObjectNode node = JsonNodeFactory.instance
                .objectNode()
                .put("run_id", run.getRunId())
                .put("alert_id", run.getAlertId())
                .put("topic", run.getTopic());
        addAll(node.putArray("segments"), run.getSegments());
        node.put("state", run.getState().name())
                .put("started_at", run.getStartedAt().toString())
                .put(
                        "finished_at",
                        run.getFinishedAt() == null ? null : run.getFinishedAt().toString());
        if (run.getCode() != null) {
            node.put("code", run.getCode());
        }
        node.put("cancel_requested", run.getCancelRequested()).put("retry_of", run.getRetryOf());
        addAll(node.putArray("retried_by"), run.getRetriedBy());
        node.putObject("counts")
                .put("tasks", tasks(run))
                .put("captured", run.getCaptured())
                .put("unchanged", run.getUnchanged())
                .put("enriched", run.getEnriched())
                .put("rejected", run.getRejected())
                .put("indexed", run.getIndexed())
                .put("failed", run.getFailed())
                .put("cancelled", run.getCancelled());
        ObjectNode progress =
                node.putObject("progress").put("items_expected", expected(run)).put("items_ended", run.getTerminal());
        ArrayNode processors = progress.putArray("processors");
        new TreeMap<>(run.getProcessors()).forEach((id, part) -> processors.add(processor(id, part)));
        ArrayNode failures = node.putArray("failures");
        run.getFailures().forEach(failure -> failures.add(failure(failure)));
        ArrayNode rejections = node.putArray("rejections");
        run.getRejections().forEach(rejection -> rejections.add(failure(rejection)));
        return node;
    }

    /** Each task that is not done yet makes an item at least. */
    private static int expected(Run run) {
        return run.getItems() + Math.max(0, tasks(run) - run.getTasksDone());
    }

    private static int tasks(Run run) {
        return run.getMatched().values().stream().mapToInt(Integer::intValue).sum();
    }

    private static ObjectNode processor(String id, RunProgress progress) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("processor", id)
                .put("tasks", progress.getTasks())
                .put("tasks_done", progress.getTasksDone())
                .put("captured", progress.getCaptured())
                .put("unchanged", progress.getUnchanged())
                .put("enriched", progress.getEnriched())
                .put("rejected", progress.getRejected())
                .put("indexed", progress.getIndexed())
                .put("failed", progress.getFailed())
                .put("cancelled", progress.getCancelled());
    }

    private static ObjectNode failure(RunFailure failure) {
        ObjectNode node = JsonNodeFactory.instance
                .objectNode()
                .put("code", failure.getCode())
                .put("count", failure.getCount())
                .put("sample", failure.getSample());
        ArrayNode samples = node.putArray("samples");
        for (RunSample sample : failure.getSamples()) {
            samples.addObject()
                    .put("record", sample.getRecordId().isEmpty() ? null : sample.getRecordId())
                    .put("message", sample.getMessage());
        }
        return node;
    }

    private static void addAll(ArrayNode array, List<String> texts) {
        texts.forEach(array::add);
    }
}
