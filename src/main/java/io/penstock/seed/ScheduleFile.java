package io.penstock.seed;

import com.fasterxml.jackson.databind.JsonNode;
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
            ScheduleEntry entry = entry(located, ++n);
            entry.getProblems().forEach(problem -> problem.setLine(located.line()));
            entries.add(entry);
        }
        return entries;
    }

    private ScheduleEntry entry(JsonEntries.Located located, int n) {
        JsonNode node = located.node();
        List<ConfigProblem> problems = new ArrayList<>();
        String path = ScheduleFields.text(node, COLLECTION);
        String topic = ScheduleFields.text(node, "topic");
        String id;
        List<CollectTarget> targets = List.of();
        if (path != null) {
            id = id(path);
            targets = collection(path, problems);
        } else if (topic != null) {
            String segment = ScheduleFields.text(node, "segment");
            id = segment == null ? topic : topic + "/" + segment;
            targets = List.of(ScheduleFields.target(node, "", problems));
        } else {
            id = name + "#" + n;
            problems.add(ScheduleFields.problem(
                    COLLECTION,
                    "Line " + located.line() + " of " + name + " names no data collection file to collect."));
        }
        ScheduleEntry.Builder entry =
                ScheduleEntry.newBuilder().setId(id).setTargets(targets).setFile(name);
        ScheduleFields.read(node, entry, problems);
        return entry.setProblems(problems).build();
    }

    /** The path of what is collected, without the way there from the schedule file: it is part of addresses. */
    private static String id(String path) {
        return path.strip().replace('\\', '/').replaceFirst("^(/|\\.{1,2}/)+", "");
    }

    private List<CollectTarget> collection(String path, List<ConfigProblem> problems) {
        Path resolved;
        try {
            Path folder = file.toAbsolutePath().getParent();
            resolved = folder == null ? Path.of(path) : folder.resolve(path).normalize();
        } catch (InvalidPathException e) {
            problems.add(ScheduleFields.problem(COLLECTION, "'" + path + "' is not a path."));
            return List.of();
        }
        try {
            List<CollectTarget> targets = new ArrayList<>();
            int i = 0;
            for (JsonEntries.Located located : JsonEntries.read(files.read(resolved), path)) {
                targets.add(ScheduleFields.target(located.node(), path + "[" + i++ + "].", problems));
            }
            if (targets.isEmpty() && problems.isEmpty()) {
                problems.add(ScheduleFields.problem(
                        COLLECTION, "The data collection file " + path + " names nothing to collect."));
            }
            return targets;
        } catch (NoSuchFileException e) {
            problems.add(ScheduleFields.problem(
                    COLLECTION,
                    "There is no data collection file " + path + " (looked for " + resolved
                            + "). Create it, or correct the path; it is taken from the folder of the schedule file."));
        } catch (PenstockException e) {
            problems.add(ScheduleFields.problem(COLLECTION, e.detail()));
        } catch (IOException e) {
            problems.add(ScheduleFields.problem(
                    COLLECTION, "The data collection file " + path + " cannot be read: " + e + "."));
        }
        return List.of();
    }
}
