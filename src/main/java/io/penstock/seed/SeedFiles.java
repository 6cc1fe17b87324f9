package io.penstock.seed;

import io.penstock.error.PenstockException;
import io.penstock.processor.HashedFiles;
import io.penstock.processor.JsonEntries.InvalidConfigException;
import io.penstock.processor.ProcessorConfigReader;
import io.penstock.processor.ProcessorIds;
import io.penstock.schema.ProcessorEntry;
import io.penstock.schema.ScheduleEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Reads {@code catalog/*.json}, {@code processors/*.json} and {@code schedules/*.json} of the configuration folder. Applies
 * nothing, and never throws for what a file holds: an unreadable file is a problem of the result and the others stand.
 */
public final class SeedFiles {
    private final Path configFolder;
    private final ProcessorConfigReader processors;

    public SeedFiles(Path configFolder, InstantSource clock) {
        this.configFolder = configFolder;
        this.processors = new ProcessorConfigReader(clock);
    }

    /** Everything as it is now. */
    public Seeds read() {
        Reading reading = new Reading();
        List<SeedFile<CatalogRequest>> catalog = reading.folder("catalog", reading::catalog);
        List<SeedFile<ProcessorEntry>> processorFiles = reading.folder("processors", reading::processors);
        List<SeedFile<ScheduleEntry>> schedules = reading.folder("schedules", reading::schedules);
        return new Seeds(catalog, processorFiles, schedules, reading.problems);
    }

    /** Reads one file under its name. */
    @FunctionalInterface
    private interface FileReader<T> {
        SeedFile<T> read(Path file, String name) throws IOException;
    }

    private final class Reading {
        private final List<SeedProblem> problems = new ArrayList<>();
        private final ProcessorIds processorIds = new ProcessorIds();
        private final Set<String> seenProcessors = new HashSet<>();
        private final Set<String> scheduleIds = new HashSet<>();

        private <T> List<SeedFile<T>> folder(String folder, FileReader<T> reader) {
            List<SeedFile<T>> found = new ArrayList<>();
            for (Path file : files(folder)) {
                String name = folder + "/" + file.getFileName();
                try {
                    found.add(reader.read(file, name));
                } catch (InvalidConfigException e) {
                    problems.add(new SeedProblem(name, e.line(), e.fault()));
                } catch (PenstockException e) {
                    problems.add(new SeedProblem(name, 0, e.detail()));
                } catch (IOException e) {
                    problems.add(new SeedProblem(name, 0, "It cannot be read: " + e + "."));
                }
            }
            return found;
        }

        private List<Path> files(String folder) {
            Path path = configFolder.resolve(folder);
            if (!Files.isDirectory(path)) {
                return List.of();
            }
            try (Stream<Path> files = Files.list(path)) {
                return files.filter(file -> file.getFileName().toString().endsWith(".json"))
                        .sorted()
                        .toList();
            } catch (IOException e) {
                problems.add(new SeedProblem(folder, 0, "The folder cannot be read: " + e + "."));
                return List.of();
            }
        }

        private SeedFile<CatalogRequest> catalog(Path file, String name) throws IOException {
            HashedFiles hashed = new HashedFiles();
            List<CatalogRequest> requests = CatalogFile.read(hashed.read(file), name, problems::add);
            return new SeedFile<>(name, hashed.hash(), requests);
        }

        private SeedFile<ProcessorEntry> processors(Path file, String name) throws IOException {
            ProcessorConfigReader.Contents contents = processors.read(file, name, processorIds);
            List<ProcessorEntry> entries = new ArrayList<>();
            for (ProcessorEntry entry : contents.entries()) {
                if (seenProcessors.add(entry.getId())) {
                    entries.add(entry);
                } else {
                    problems.add(new SeedProblem(
                            name, 0, "The processor id '" + entry.getId() + "' is given twice; the first one holds."));
                }
            }
            return new SeedFile<>(name, contents.hash(), entries);
        }

        private SeedFile<ScheduleEntry> schedules(Path file, String name) throws IOException {
            HashedFiles hashed = new HashedFiles();
            List<ScheduleEntry> entries = new ArrayList<>();
            for (ScheduleEntry entry : new ScheduleFile(file, name, hashed).read(hashed.read(file))) {
                if (scheduleIds.add(entry.getId())) {
                    entries.add(entry);
                } else {
                    problems.add(new SeedProblem(
                            name, 0, "The schedule of '" + entry.getId() + "' is given twice; the first one holds."));
                }
            }
            entries.forEach(entry -> entry.setFileHash(hashed.hash()));
            return new SeedFile<>(name, hashed.hash(), entries);
        }
    }
}
