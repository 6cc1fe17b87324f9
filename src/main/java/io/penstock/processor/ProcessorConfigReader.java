package io.penstock.processor;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schema.ProcessorEntry;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the configuration of processors: one JSON object or an array of them, in the original's form and with a source. What is
 * readable but wrong gives an entry in state INVALID that lists its problems by code and field; only JSON that cannot be read at
 * all is an exception. Unknown fields are kept in {@code config} and otherwise ignored. May be used from any thread.
 */
public final class ProcessorConfigReader {
    private final InstantSource clock;

    public ProcessorConfigReader(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * What a file holds.
     *
     * @param hash SHA-256, in hexadecimal, of the file and of the data lists it names
     */
    public record Contents(String hash, List<ProcessorEntry> entries) {
        public Contents {
            entries = List.copyOf(entries);
        }
    }

    /**
     * The processors of a file. A {@code data_list} may be a path, taken from the folder of the file.
     *
     * @param name what to call the file in entries and errors
     * @param ids ids that are taken already; those of the file are added
     * @throws PenstockException {@code config.invalid} that names file, line and fault
     */
    public Contents read(Path file, String name, ProcessorIds ids) throws IOException {
        HashedFiles files = new HashedFiles();
        List<ProcessorEntry> entries = new ArrayList<>();
        for (JsonEntries.Located located : JsonEntries.read(files.read(file), name)) {
            ProcessorEntry entry = new EntryParser(ids, path -> dataList(files, file, path))
                    .parse(located.node(), null, clock.instant());
            entry.getProblems().forEach(problem -> problem.setLine(located.line()));
            entries.add(entry);
        }
        for (ProcessorEntry entry : entries) {
            entry.setFile(name);
            entry.setFileHash(files.hash());
        }
        return new Contents(files.hash(), entries);
    }

    /**
     * The processors in a text that came from elsewhere than a file. The data list is inline: paths are refused.
     *
     * @param origin what to call the text in errors, such as {@code the body}
     * @throws PenstockException {@code config.invalid} that names origin, line and fault
     */
    public List<ProcessorEntry> parse(String json, String origin) {
        ProcessorIds ids = new ProcessorIds();
        return JsonEntries.read(json.getBytes(UTF_8), origin).stream()
                .map(located -> new EntryParser(ids, ProcessorConfigReader::refused)
                        .parse(located.node(), null, clock.instant()))
                .toList();
    }

    /**
     * One processor under the id it is addressed by, as {@code PUT} takes it. The data list is inline: paths are refused.
     *
     * @return an entry that may be INVALID
     */
    public ProcessorEntry parse(JsonNode node, String id) {
        return new EntryParser(new ProcessorIds(), ProcessorConfigReader::refused).parse(node, id, clock.instant());
    }

    private static List<JsonNode> dataList(HashedFiles files, Path file, String path) throws IOException {
        Path resolved;
        try {
            resolved = EntryParser.besides(file, path);
        } catch (InvalidPathException e) {
            throw new PenstockException(ErrorCode.DATA_LIST_MISSING, "'" + path + "' is not a path.", e);
        }
        try {
            return JsonEntries.read(files.read(resolved), path).stream()
                    .map(JsonEntries.Located::node)
                    .toList();
        } catch (NoSuchFileException e) {
            throw new PenstockException(
                    ErrorCode.DATA_LIST_MISSING,
                    "There is no data list " + path + " (looked for " + resolved
                            + "). Create it, or correct the path; it is taken from the folder of the configuration file.",
                    e);
        }
    }

    private static List<JsonNode> refused(String path) {
        throw new PenstockException(
                ErrorCode.PROCESSOR_INVALID,
                "A data list cannot be named by a path here; give it inline, as an array. Paths work in files of the "
                        + "configuration folder.");
    }
}
