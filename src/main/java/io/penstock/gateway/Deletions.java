package io.penstock.gateway;

import io.penstock.catalog.CatalogTable;
import io.penstock.catalog.CatalogView;
import io.penstock.error.PenstockException;
import io.penstock.schema.CatalogEntry;
import io.penstock.schema.CatalogState;
import io.penstock.schema.Fence;
import io.penstock.table.TableWriter;
import io.penstock.table.TableWriter.Update;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries deletions through. A deletion is a fence that travels with the data, in steps that may be repeated: whichever gateway
 * finds an entry that is DELETING takes it up from the beginning, and what was done already is done again without effect.
 *
 * <p>A topic: capture lets the fence pass and writes nothing more for it; enrichment closes; ingestion lets the fence pass and has
 * removed records and chunks; chat forgets what it quoted; the runs that have not ended fail; what Kafka holds goes; then the
 * entries do. A segment: the fence goes through the topic's enrichment, which goes on.
 *
 * <p>Several gateways may carry the same deletion at once, and one of them may be slow: every step says which lives it ends, and
 * each destructive one names what bears their incarnations, so that nothing of a later life of the same name is touched. The
 * entries go only if they are still those of this life and fence.
 */
public final class Deletions implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Deletions.class);
    private static final Duration STEP_PATIENCE = Duration.ofSeconds(60);
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final CatalogView catalog;
    private final TableWriter<CatalogEntry> entries;
    private final Fences fences;
    private final TopicResources resources;
    private final InstantSource clock;
    private final Set<String> underWay = ConcurrentHashMap.newKeySet();
    private final ExecutorService workers = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("deletion-", 0).factory());

    Deletions(
            CatalogView catalog,
            TableWriter<CatalogEntry> entries,
            Fences fences,
            TopicResources resources,
            InstantSource clock) {
        this.catalog = catalog;
        this.entries = entries;
        this.fences = fences;
        this.resources = resources;
        this.clock = clock;
    }

    /** Takes up whatever is DELETING and not under way here. Returns at once. */
    public void resume() {
        try {
            workers.execute(this::resumeNow);
        } catch (RejectedExecutionException e) {
            LOG.debug("The catalog changed after the deletions were closed");
        }
    }

    private void resumeNow() {
        try {
            beginAll();
        } catch (PenstockException e) {
            LOG.debug("What is being deleted cannot be read now: {}", e.detail()); // the next look takes it up
        }
    }

    private void beginAll() {
        for (CatalogEntry topic : catalog.topics()) {
            if (topic.getState() == CatalogState.DELETING) {
                begin(topic.getTopic(), Optional.empty());
            } else {
                for (CatalogEntry segment : catalog.segments(topic.getTopic())) {
                    if (segment.getState() == CatalogState.DELETING) {
                        begin(segment.getTopic(), Optional.ofNullable(segment.getSegment()));
                    }
                }
            }
        }
    }

    private void begin(String topic, Optional<String> segment) {
        String key = segment.map(name -> CatalogTable.segmentKey(topic, name)).orElse(topic);
        if (!underWay.add(key)) {
            return;
        }
        try {
            workers.execute(() -> {
                try {
                    carryThrough(topic, segment, key);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt(); // stopping: the next start takes it up
                } finally {
                    underWay.remove(key);
                    resume(); // another life of it may have been marked while this one was under way
                }
            });
        } catch (RejectedExecutionException e) {
            underWay.remove(key); // stopping
        }
    }

    private void carryThrough(String topic, Optional<String> segment, String key) throws InterruptedException {
        while (true) {
            Optional<CatalogEntry> entry = Optional.empty();
            try {
                entry = due(topic, segment);
                if (entry.isEmpty()) {
                    return; // another gateway was faster, or the whole topic is being deleted
                }
                if (segment.isPresent()) {
                    deleteSegment(topic, segment.get(), entry.get());
                } else {
                    deleteTopic(topic, entry.get());
                }
                LOG.info("Deleted {}", key);
                return;
            } catch (RuntimeException e) {
                if (entry.isPresent() && isStillDue(entry.get())) {
                    LOG.warn("Deleting {} goes on in {} s: {}", key, PAUSE.toSeconds(), e.toString());
                }
                Thread.sleep(PAUSE);
            }
        }
    }

    /** The entry of what is to be deleted now. The deletion of a topic does that of its segments, too. */
    private Optional<CatalogEntry> due(String topic, Optional<String> segment) {
        Optional<CatalogEntry> entry =
                segment.isPresent() ? catalog.segment(topic, segment.get()) : catalog.topic(topic);
        return entry.filter(found -> found.getState() == CatalogState.DELETING)
                .filter(_ -> segment.isEmpty() || catalog.isActive(topic));
    }

    private boolean isStillDue(CatalogEntry entry) {
        try {
            return due(entry.getTopic(), Optional.ofNullable(entry.getSegment()))
                    .filter(entry::equals)
                    .isPresent();
        } catch (PenstockException e) {
            return true; // the view cannot be read now
        }
    }

    private void deleteTopic(String topic, CatalogEntry entry) throws InterruptedException {
        // Its own life first: a fence that names no life would end them all, later ones included.
        List<String> incarnations = new ArrayList<>(List.of(entry.getIncarnation()));
        catalog.segments(topic).forEach(segment -> incarnations.add(segment.getIncarnation()));
        Fence fence = fence(topic, Optional.empty(), entry, incarnations);
        BooleanSupplier due = () -> isStillDue(entry);
        fences.passCapture(fence, due, STEP_PATIENCE);
        resources.awaitEnrichmentClosed(topic, entry.getIncarnation(), STEP_PATIENCE);
        fences.passIngestion(fence, due, STEP_PATIENCE);
        fences.passChat(fence, due, STEP_PATIENCE);
        // What was between two stages when they closed has no event of its own; its runs must end all the same.
        // Whatever
        // comes later belongs to runs that capture refuses, which end by themselves.
        fences.passRuns(fence, due, STEP_PATIENCE);
        resources.delete(topic, entry.getIncarnation(), Optional.ofNullable(entry.getKafkaTopicId()));
        forget("The end of the topic '" + topic + "'", entry, () -> {
            List<String> keys = new ArrayList<>();
            catalog.segments(topic)
                    .forEach(segment -> keys.add(CatalogTable.segmentKey(topic, String.valueOf(segment.getSegment()))));
            keys.add(topic);
            return keys;
        });
    }

    private void deleteSegment(String topic, String segment, CatalogEntry entry) throws InterruptedException {
        Fence fence = fence(topic, Optional.of(segment), entry, List.of(entry.getIncarnation()));
        BooleanSupplier due = () -> isStillDue(entry);
        fences.passCapture(fence, due, STEP_PATIENCE);
        fences.passEnrichment(fence, due, STEP_PATIENCE);
        fences.passIngestion(fence, due, STEP_PATIENCE);
        fences.passChat(fence, due, STEP_PATIENCE);
        forget(
                "The end of the segment '" + segment + "' of '" + topic + "'",
                entry,
                () -> List.of(CatalogTable.segmentKey(topic, segment)));
    }

    private void forget(String what, CatalogEntry entry, Supplier<List<String>> keys) {
        var _ = entries.update(
                what,
                () -> isStillDue(entry)
                        ? Update.<CatalogEntry, Boolean>delete(keys.get(), true)
                        : Update.<CatalogEntry, Boolean>none(false));
    }

    private Fence fence(String topic, Optional<String> segment, CatalogEntry entry, List<String> incarnations) {
        return Fence.newBuilder()
                .setFenceId(String.valueOf(entry.getFenceId()))
                .setTopic(topic)
                .setSegment(segment.orElse(null))
                .setIncarnations(incarnations)
                .setRequestedAt(clock.instant())
                .build();
    }

    @Override
    public void close() {
        workers.shutdownNow();
    }
}
