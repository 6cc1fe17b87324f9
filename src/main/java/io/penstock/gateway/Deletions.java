package io.penstock.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.catalog.CatalogTable;
import io.penstock.catalog.CatalogView;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.Topics;
import io.penstock.run.RunEvents;
import io.penstock.schema.CatalogEntry;
import io.penstock.schema.CatalogState;
import io.penstock.schema.Fence;
import io.penstock.schema.RunEvent;
import io.penstock.serde.AvroCodec;
import io.penstock.table.TableWriter;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries deletions through. A deletion is a fence that travels with the data, in steps that may be repeated: whichever gateway
 * finds an entry that is DELETING takes it up from the beginning, and what was done already is done again without effect.
 *
 * <p>A topic: capture lets the fence pass and writes nothing more for it; enrichment closes; ingestion lets the fence pass and has
 * removed records, ledger and chunks; what Kafka holds is deleted; the entry goes last. A segment: the same, but the fence passes
 * through the topic's enrichment, which goes on.
 */
public final class Deletions implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Deletions.class);
    private static final Duration STEP_PATIENCE = Duration.ofSeconds(60);
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final CatalogView catalog;
    private final TableWriter<CatalogEntry> entries;
    private final Fences fences;
    private final TopicResources resources;
    private final Producer<byte[], byte[]> producer;
    private final AvroCodec<RunEvent> events;
    private final Function<String, List<String>> running;
    private final InstantSource clock;
    private final Set<String> underWay = ConcurrentHashMap.newKeySet();
    private final ExecutorService workers = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("deletion-", 0).factory());

    Deletions(
            CatalogView catalog,
            TableWriter<CatalogEntry> entries,
            Fences fences,
            TopicResources resources,
            Producer<byte[], byte[]> producer,
            AvroCodec<RunEvent> events,
            Function<String, List<String>> running,
            InstantSource clock) {
        this.catalog = catalog;
        this.entries = entries;
        this.fences = fences;
        this.resources = resources;
        this.producer = producer;
        this.events = events;
        this.running = running;
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
                }
            });
        } catch (RejectedExecutionException e) {
            underWay.remove(key); // stopping
        }
    }

    private void carryThrough(String topic, Optional<String> segment, String key) throws InterruptedException {
        while (true) {
            try {
                Optional<CatalogEntry> entry = entry(topic, segment);
                if (entry.isEmpty() || entry.get().getState() != CatalogState.DELETING) {
                    return; // another gateway was faster
                }
                if (segment.isPresent()) {
                    deleteSegment(topic, segment.get(), entry.get());
                } else {
                    deleteTopic(topic, entry.get());
                }
                LOG.info("Deleted {}", key);
                return;
            } catch (RuntimeException e) {
                LOG.warn("Deleting {} goes on in {} s: {}", key, PAUSE.toSeconds(), e.toString());
                Thread.sleep(PAUSE);
            }
        }
    }

    private Optional<CatalogEntry> entry(String topic, Optional<String> segment) {
        return segment.isPresent() ? catalog.segment(topic, segment.get()) : catalog.topic(topic);
    }

    private void deleteTopic(String topic, CatalogEntry entry) throws InterruptedException {
        List<String> incarnations = new ArrayList<>();
        List<CatalogEntry> segments = catalog.segments(topic);
        segments.forEach(segment -> incarnations.add(segment.getIncarnation()));
        Fence fence = fence(topic, Optional.empty(), entry, incarnations);
        fences.passCapture(fence, STEP_PATIENCE);
        resources.awaitEnrichmentClosed(topic, entry.getIncarnation(), STEP_PATIENCE);
        fences.passIngestion(fence, STEP_PATIENCE);
        endRuns(topic);
        resources.delete(topic, entry.getIncarnation());
        for (CatalogEntry segment : segments) {
            entries.delete(CatalogTable.segmentKey(topic, String.valueOf(segment.getSegment())));
        }
        entries.delete(topic);
    }

    private void deleteSegment(String topic, String segment, CatalogEntry entry) throws InterruptedException {
        Fence fence = fence(topic, Optional.of(segment), entry, List.of(entry.getIncarnation()));
        fences.passCapture(fence, STEP_PATIENCE);
        fences.passEnrichment(fence, STEP_PATIENCE);
        fences.passIngestion(fence, STEP_PATIENCE);
        entries.delete(CatalogTable.segmentKey(topic, segment));
    }

    /** What was between two stages when they closed has no event of its own; the runs must end all the same. */
    private void endRuns(String topic) throws InterruptedException {
        for (String run : running.apply(topic)) {
            RunEvent event = RunEvents.failed(
                    run, null, ErrorCode.TOPIC_DELETED.code(), "The topic " + topic + " was deleted.", clock.instant());
            try {
                producer.send(new ProducerRecord<>(
                                Topics.RUN_EVENT, run.getBytes(UTF_8), events.encode(Topics.RUN_EVENT, event)))
                        .get();
            } catch (ExecutionException e) {
                throw new PenstockException(
                        ErrorCode.NOT_READY, "The end of run " + run + " could not be written; it is tried again.", e);
            }
        }
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
