package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * How far runs have come together.
 *
 * @param expected items that there will be, as far as is known: a task has one item at least
 * @param ended items that have come to an end, whichever
 * @param failures how many failed with which code
 */
record Progress(int expected, int ended, Map<String, Integer> failures) {
    static Progress of(Collection<? extends JsonNode> runs) {
        int expected = 0;
        int ended = 0;
        Map<String, Integer> failures = new TreeMap<>();
        for (JsonNode run : runs) {
            JsonNode counts = run.path("counts");
            int over = sum(counts, "unchanged", "rejected", "indexed", "failed", "cancelled");
            expected += Math.max(
                    Math.max(
                            counts.path("tasks").asInt(),
                            counts.path("captured").asInt()),
                    over);
            ended += over;
            run.path("failures")
                    .forEach(failure -> failures.merge(
                            failure.path("code").asText(), failure.path("count").asInt(), Integer::sum));
        }
        return new Progress(expected, ended, failures);
    }

    private static int sum(JsonNode counts, String... names) {
        int sum = 0;
        for (String name : names) {
            sum += counts.path(name).asInt();
        }
        return sum;
    }

    /** From 0 to 1. */
    double share() {
        return expected == 0 ? 0 : (double) ended / expected;
    }

    /** Such as {@code 2 capture.timeout, 1 quality.short}; empty when nothing failed. */
    String failed() {
        return failures.entrySet().stream()
                .map(failure -> failure.getValue() + " " + failure.getKey())
                .collect(Collectors.joining(", "));
    }
}
