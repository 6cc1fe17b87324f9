package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** What became of runs. */
final class RunReport {
    /** Beside the first. */
    private static final int MORE_SAMPLES = 2;

    private RunReport() {}

    /** The run without what changes by itself while time passes. */
    static JsonNode change(ObjectNode run) {
        ObjectNode stable = run.deepCopy();
        if (stable.path("progress") instanceof ObjectNode progress) {
            progress.remove(List.of("items_per_second", "estimated_end_at"));
        }
        return stable;
    }

    /** Of several runs, those that ended DONE make up for none that did not. */
    static ExitCode exit(Collection<? extends JsonNode> runs) {
        long done = runs.stream().filter(run -> state(run).equals("DONE")).count();
        long failed = runs.stream().filter(run -> state(run).equals("FAILED")).count();
        if (done == runs.size()) {
            return ExitCode.DONE;
        }
        return failed == runs.size() ? ExitCode.RUN_FAILED : ExitCode.RUN_PARTIAL;
    }

    static boolean isOver(JsonNode run) {
        return !state(run).equals("RUNNING");
    }

    private static String state(JsonNode run) {
        return run.path("state").asText("RUNNING");
    }

    /** Which segments of which topic. */
    static String scope(JsonNode run) {
        String segments = StreamSupport.stream(run.path("segments").spliterator(), false)
                .map(JsonNode::asText)
                .collect(Collectors.joining(", "));
        return run.path("topic").asText() + (segments.isEmpty() ? "" : ": " + segments);
    }

    static void print(JsonNode run, Screen out) {
        out.print(state(run), style(run)).print("  " + scope(run));
        out.line(took(run)).print("  ");
        JsonNode counts = run.path("counts");
        String separator = "";
        for (String name :
                new String[] {"tasks", "captured", "unchanged", "enriched", "rejected", "indexed", "failed"}) {
            out.print(separator + counts.path(name).asText("0") + " " + name);
            separator = ", ";
        }
        if (counts.path("cancelled").asInt() > 0) {
            out.print(separator + counts.path("cancelled").asText() + " cancelled");
        }
        out.line();
        coded(run.path("failures"), Style.RED, out);
        coded(run.path("rejections"), Style.YELLOW, out);
        out.print("  run " + run.path("run_id").asText(), Style.DIM).line().flush();
    }

    /** How many items ended with each code, and why. */
    private static void coded(JsonNode failures, Style style, Screen out) {
        for (JsonNode failure : failures) {
            out.print(
                    "  " + failure.path("count").asText() + " "
                            + failure.path("code").asText(),
                    style);
            out.line("  " + Screen.oneLine(failure.path("sample").asText()));
            failure.path("samples")
                    .valueStream()
                    .skip(1)
                    .limit(MORE_SAMPLES)
                    .forEach(sample -> out.line("    "
                            + Screen.oneLine(sample.path("record").asText() + ": "
                                    + sample.path("message").asText())));
        }
    }

    private static Style style(JsonNode run) {
        return switch (state(run)) {
            case "DONE" -> Style.GREEN;
            case "FAILED" -> Style.RED;
            default -> Style.YELLOW;
        };
    }

    private static String took(JsonNode run) {
        try {
            return "  in "
                    + Durations.text(Duration.between(
                            Instant.parse(run.path("started_at").asText()),
                            Instant.parse(run.path("finished_at").asText())));
        } catch (DateTimeParseException e) {
            return ""; // it has not ended
        }
    }
}
