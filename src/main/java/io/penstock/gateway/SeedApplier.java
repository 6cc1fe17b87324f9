package io.penstock.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.catalog.CatalogTable;
import io.penstock.error.PenstockException;
import io.penstock.kafka.Topics;
import io.penstock.processor.ProcessorView;
import io.penstock.schema.CatalogEntry;
import io.penstock.schema.CatalogKind;
import io.penstock.schema.CatalogState;
import io.penstock.schema.ConfigProblem;
import io.penstock.schema.ProcessorEntry;
import io.penstock.schema.ProcessorState;
import io.penstock.schema.ScheduleEntry;
import io.penstock.seed.CatalogRequest;
import io.penstock.seed.SeedFile;
import io.penstock.serde.AvroCodec;
import io.penstock.table.TableWriter;
import io.penstock.table.TableWriter.Update;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies the files of the configuration folder. A file is applied when its hash differs from the one stored; what was changed
 * or deleted over HTTP since then stays so until the file changes.
 */
public final class SeedApplier {
    private static final Logger LOG = LoggerFactory.getLogger(SeedApplier.class);

    private final CatalogTable catalog;
    private final TableWriter<CatalogEntry> catalogEntries;
    private final CatalogGateway gateway;
    private final ProcessorView processors;
    private final TableWriter<ProcessorEntry> processorEntries;
    private final Producer<byte[], byte[]> producer;
    private final AvroCodec<ScheduleEntry> schedules;
    private final InstantSource clock;
    /** Touched by the thread that applies, and by no other. */
    private final Map<String, String> faults = new TreeMap<>();

    public SeedApplier(
            CatalogTable catalog,
            TableWriter<CatalogEntry> catalogEntries,
            CatalogGateway gateway,
            ProcessorView processors,
            TableWriter<ProcessorEntry> processorEntries,
            Producer<byte[], byte[]> producer,
            AvroCodec<ScheduleEntry> schedules,
            InstantSource clock) {
        this.catalog = catalog;
        this.catalogEntries = catalogEntries;
        this.gateway = gateway;
        this.processors = processors;
        this.processorEntries = processorEntries;
        this.producer = producer;
        this.schedules = schedules;
        this.clock = clock;
    }

    /** What could not be applied, by file. */
    Map<String, String> faults() {
        return Map.copyOf(faults);
    }

    /** Before the files are applied once more. */
    void forgetFaults() {
        faults.clear();
    }

    public void applyCatalog(Collection<SeedFile<CatalogRequest>> files) {
        for (SeedFile<CatalogRequest> file : files) {
            once(file, () -> {
                List<String> failures = new ArrayList<>();
                for (CatalogRequest request : file.content()) {
                    try {
                        apply(request);
                    } catch (PenstockException e) {
                        failures.add(e.detail());
                    }
                }
                return failures;
            });
        }
    }

    /**
     * Applies a file unless it is applied, and remembers it when nothing failed; else the next look tries again. Several gateways
     * may start at once: the one that remembers has applied the file while nobody else did, so that no other applies it later, over
     * what was changed since.
     *
     * @param apply returns what failed; may be called again, when another gateway came between
     */
    private void once(SeedFile<?> file, Supplier<List<String>> apply) {
        if (isApplied(file)) {
            return;
        }
        List<String> failures = updated(file, () -> {
            if (isApplied(file)) {
                return Update.none(List.<String>of());
            }
            List<String> failed = apply.get();
            return failed.isEmpty()
                    ? Update.put(CatalogTable.fileKey(file.name()), applied(file), failed)
                    : Update.none(failed);
        });
        failures.forEach(failure -> fault(file.name(), failure));
        if (failures.isEmpty()) {
            LOG.info("{} is applied", file.name());
        }
    }

    /** A table that cannot be written now is a fault of this start, and no reason to give it up. */
    private List<String> updated(SeedFile<?> file, Supplier<Update<CatalogEntry, List<String>>> decide) {
        try {
            return catalogEntries.update("Applying " + file.name(), decide);
        } catch (PenstockException e) {
            return List.of(e.detail() + " The next look tries again.");
        }
    }

    private void apply(CatalogRequest request) {
        String segment = request.segment();
        switch (request.action()) {
            case CREATE -> {
                if (segment == null) {
                    gateway.createTopic(request.topic());
                } else {
                    gateway.createSegment(request.topic(), segment);
                }
            }
            case DELETE -> {
                if (catalog.topic(request.topic()).isEmpty()) {
                    return; // gone already, which is what the file asks for
                }
                if (segment == null) {
                    gateway.beginDeletingTopic(request.topic());
                } else if (catalog.segment(request.topic(), segment).isPresent()) {
                    gateway.beginDeletingSegment(request.topic(), segment);
                }
            }
        }
    }

    public void applyProcessors(Collection<SeedFile<ProcessorEntry>> files) {
        Set<String> read = new HashSet<>();
        for (SeedFile<ProcessorEntry> file : files) {
            once(file, () -> store(file));
            for (ProcessorEntry entry : file.content()) {
                read.add(entry.getId());
                tell(file, entry);
            }
        }
        for (ProcessorEntry entry : processors.all()) {
            if (!read.contains(entry.getId())) {
                entry.getProblems()
                        .forEach(problem -> fault(
                                entry.getFile() == null ? "over HTTP" : entry.getFile(),
                                at(problem) + words(entry, problem)));
            }
        }
    }

    /** What is wrong with an entry, unless somebody has put another one in its place over HTTP since. */
    private void tell(SeedFile<ProcessorEntry> file, ProcessorEntry entry) {
        Optional<ProcessorEntry> stored = processors.byId(entry.getId());
        if (entry.getProblems().isEmpty()
                || stored.filter(other -> other.getFile() == null).isPresent()) {
            return;
        }
        boolean kept = stored.filter(SeedApplier::works).isPresent();
        for (ConfigProblem problem : entry.getProblems()) {
            fault(file.name(), at(problem) + words(entry, problem) + (kept ? " What was there before goes on." : ""));
        }
    }

    private static String at(ConfigProblem problem) {
        return problem.getLine() > 0 ? "line " + problem.getLine() + ", " : "";
    }

    private static String words(ProcessorEntry entry, ConfigProblem problem) {
        return "processor " + entry.getId() + ", " + problem.getField() + ": " + problem.getMessage();
    }

    private static boolean works(ProcessorEntry entry) {
        return entry.getState() == ProcessorState.ACTIVE;
    }

    /**
     * An entry that cannot work takes the place of none that does: a slip in a file is no reason to stop what runs. While a file has
     * such an entry, nothing is taken for deleted, since the slip may be in an id.
     */
    private List<String> store(SeedFile<ProcessorEntry> file) {
        if (file.content().stream().allMatch(SeedApplier::works)) {
            Set<String> ids = file.content().stream().map(ProcessorEntry::getId).collect(Collectors.toSet());
            processors.all().stream()
                    .filter(entry -> file.name().equals(entry.getFile()) && !ids.contains(entry.getId()))
                    .forEach(entry -> processorEntries.delete(entry.getId()));
        }
        List<String> failures = new ArrayList<>();
        for (ProcessorEntry entry : file.content()) {
            if (!works(entry)
                    && processors.byId(entry.getId()).filter(SeedApplier::works).isPresent()) {
                continue;
            }
            try {
                processorEntries.put(entry.getId(), entry);
            } catch (PenstockException e) {
                failures.add("processor " + entry.getId() + " was not stored: " + e.detail());
            }
        }
        return failures;
    }

    /** @param known the schedules there are, by id */
    public void applySchedules(Collection<SeedFile<ScheduleEntry>> files, Map<String, ScheduleEntry> known) {
        for (SeedFile<ScheduleEntry> file : files) {
            file.content()
                    .forEach(entry -> entry.getProblems()
                            .forEach(problem -> fault(
                                    file.name(),
                                    at(problem) + "schedule " + entry.getId() + ", " + problem.getField() + ": "
                                            + problem.getMessage())));
            once(file, () -> send(file, known));
        }
    }

    private List<String> send(SeedFile<ScheduleEntry> file, Map<String, ScheduleEntry> known) {
        Set<String> ids = file.content().stream().map(ScheduleEntry::getId).collect(Collectors.toSet());
        for (Map.Entry<String, ScheduleEntry> entry : known.entrySet()) {
            if (file.name().equals(entry.getValue().getFile()) && !ids.contains(entry.getKey())) {
                send(entry.getKey(), null);
            }
        }
        for (ScheduleEntry entry : file.content()) {
            send(entry.getId(), entry);
        }
        return List.of();
    }

    private void send(String id, @Nullable ScheduleEntry entry) {
        byte[] value = entry == null ? null : schedules.encode(Topics.SCHEDULE, entry);
        try {
            producer.send(new ProducerRecord<>(Topics.SCHEDULE, id.getBytes(UTF_8), value))
                    .get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("The schedule " + id + " could not be written", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while the schedule " + id + " was written", e);
        }
    }

    private boolean isApplied(SeedFile<?> file) {
        return catalog.appliedHash(file.name()).filter(file.hash()::equals).isPresent();
    }

    private CatalogEntry applied(SeedFile<?> file) {
        return CatalogEntry.newBuilder()
                .setKind(CatalogKind.FILE)
                .setState(CatalogState.ACTIVE)
                .setFileHash(file.hash())
                .setCreatedAt(clock.instant().truncatedTo(ChronoUnit.MILLIS))
                .build();
    }

    private void fault(String file, String what) {
        faults.merge(file, what, (before, more) -> before + " " + more);
    }
}
