package io.penstock.seed;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.catalog.Names;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.processor.HashedFiles;
import io.penstock.processor.JsonEntries;
import io.penstock.schema.CollectTarget;
import io.penstock.schema.ConfigProblem;
import io.penstock.schema.ScheduleEntry;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the original's schedule file: how often each data collection file is to be collected. Its later form, which names topic
 * and segment in place, is understood too. What is wrong with an entry becomes a problem of the entry.
 */
final class ScheduleFile {
    private static final String COLLECTION = "data_collection_file_path";

    private final Path file;
    private final String name;
    private final HashedFiles files;

    ScheduleFile(Path file, String name, HashedFiles files) {
        this.file = file;
        this.name = name;
        this.files = files;
    }

    /** The entries; {@code file_hash} is still to be set. */
    List<ScheduleEntry> read(byte[] json) {
        List<ScheduleEntry> entries = new ArrayList<>();
        int n = 0;
        for (JsonEntries.Located located : JsonEntries.read(json, name)) {
            entries.add(entry(located, ++n));
        }
        return entries;
    }

    private ScheduleEntry entry(JsonEntries.Located located, int n) {
        JsonNode node = located.node();
        List<ConfigProblem> problems = new ArrayList<>();
        String path = text(node, COLLECTION);
        String topic = text(node, "topic");
        String id;
        List<CollectTarget> targets = List.of();
        if (path != null) {
            id = path;
            targets = collection(path, problems);
        } else if (topic != null) {
            String segment = text(node, "segment");
            id = segment == null ? topic : topic + "/" + segment;
            targets = target(node, "", problems);
        } else {
            id = name + "#" + n;
            problems.add(problem(
                    COLLECTION,
                    "Line " + located.line() + " of " + name + " names no data collection file to collect."));
        }
        JsonNode enabled = node.get("enabled");
        return ScheduleEntry.newBuilder()
                .setId(id)
                .setSchedule(schedule(node.get("schedule"), problems))
                .setTargets(targets)
                .setEnabled(enabled == null || enabled.isNull() || enabled.asBoolean(true))
                .setProblems(problems)
                .setFile(name)
                .build();
    }

    private static String schedule(@Nullable JsonNode node, List<ConfigProblem> problems) {
        if (node != null && node.isNumber()) {
            if (node.doubleValue() <= 0 || !Double.isFinite(node.doubleValue())) {
                problems.add(problem("schedule", "The number of days is greater than 0."));
            }
            return node.decimalValue().toPlainString();
        }
        if (node != null && node.isTextual() && !node.textValue().isBlank()) {
            return node.textValue().strip();
        }
        problems.add(problem(
                "schedule", "A schedule is a number of days, a duration such as \"PT15M\", or a cron expression."));
        return "";
    }

    private List<CollectTarget> collection(String path, List<ConfigProblem> problems) {
        Path resolved;
        try {
            Path folder = file.toAbsolutePath().getParent();
            resolved = folder == null ? Path.of(path) : folder.resolve(path).normalize();
        } catch (InvalidPathException e) {
            problems.add(problem(COLLECTION, "'" + path + "' is not a path."));
            return List.of();
        }
        try {
            List<CollectTarget> targets = new ArrayList<>();
            int i = 0;
            for (JsonEntries.Located located : JsonEntries.read(files.read(resolved), path)) {
                targets.addAll(target(located.node(), path + "[" + i++ + "].", problems));
            }
            if (targets.isEmpty() && problems.isEmpty()) {
                problems.add(problem(COLLECTION, "The data collection file " + path + " names nothing to collect."));
            }
            return targets;
        } catch (NoSuchFileException e) {
            problems.add(problem(
                    COLLECTION,
                    "There is no data collection file " + path + " (looked for " + resolved
                            + "). Create it, or correct the path; it is taken from the folder of the schedule file."));
        } catch (PenstockException e) {
            problems.add(problem(COLLECTION, e.detail()));
        } catch (IOException e) {
            problems.add(problem(COLLECTION, "The data collection file " + path + " cannot be read: " + e + "."));
        }
        return List.of();
    }

    private static List<CollectTarget> target(JsonNode node, String field, List<ConfigProblem> problems) {
        String topic = text(node, "topic");
        List<String> segments = new ArrayList<>();
        node.path("segment_targets").forEach(segment -> segments.add(segment.asText()));
        String single = text(node, "segment");
        if (segments.isEmpty() && single != null) {
            segments.add(single);
        }
        if (!Names.EVERY_TOPIC.equals(topic)) {
            Names.problem("topic", topic).ifPresent(fault -> problems.add(problem(field + "topic", fault)));
        }
        if (segments.isEmpty()) {
            problems.add(problem(field + "segment_targets", "There is no segment to collect."));
        }
        for (String segment : segments) {
            Names.problem("segment", segment)
                    .ifPresent(fault -> problems.add(problem(field + "segment_targets", fault)));
        }
        return List.of(CollectTarget.newBuilder()
                .setTopic(topic == null ? "" : topic)
                .setSegmentTargets(segments)
                .build());
    }

    private static ConfigProblem problem(String field, String message) {
        return ConfigProblem.newBuilder()
                .setCode(ErrorCode.CONFIG_INVALID.code())
                .setField(field)
                .setMessage(message)
                .build();
    }

    private static @Nullable String text(JsonNode node, String field) {
        JsonNode value = node.get(field);
        return value != null && value.isTextual() && !value.textValue().isBlank() ? value.textValue() : null;
    }
}
