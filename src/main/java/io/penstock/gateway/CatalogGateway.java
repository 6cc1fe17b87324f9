package io.penstock.gateway;

import io.penstock.catalog.CatalogTable;
import io.penstock.catalog.CatalogView;
import io.penstock.catalog.Names;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schema.CatalogEntry;
import io.penstock.schema.CatalogKind;
import io.penstock.schema.CatalogState;
import io.penstock.table.ChangeSignal;
import io.penstock.table.TableWriter;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;

/** Creates and deletes topics and segments. Every call may be repeated; each returns once this instance sees the change. */
public final class CatalogGateway {
    /** How long a deletion is waited for before the caller hears that it is still under way. */
    static final Duration DELETION_PATIENCE = Duration.ofSeconds(30);

    private final CatalogView catalog;
    private final TableWriter<CatalogEntry> entries;
    private final ChangeSignal changes;
    private final TopicResources resources;
    private final Deletions deletions;
    private final InstantSource clock;
    private final int maxTopics;
    private final Object writing = new Object();

    public CatalogGateway(
            CatalogView catalog,
            TableWriter<CatalogEntry> entries,
            ChangeSignal changes,
            TopicResources resources,
            Deletions deletions,
            InstantSource clock,
            int maxTopics) {
        this.catalog = catalog;
        this.entries = entries;
        this.changes = changes;
        this.resources = resources;
        this.deletions = deletions;
        this.clock = clock;
        this.maxTopics = maxTopics;
    }

    /** What became of an order. */
    public enum Outcome {
        CREATED,
        EXISTED,
        DELETED,
        DELETING
    }

    /** @throws PenstockException {@code name.invalid}, {@code topic.deleting}, {@code topic.limit} */
    public Outcome createTopic(String topic) {
        Names.check("topic", topic);
        synchronized (writing) {
            Optional<CatalogEntry> present = catalog.topic(topic);
            if (present.isPresent()) {
                requireActive(present.get(), "topic '" + topic + "'");
                return Outcome.EXISTED;
            }
            if (catalog.topics().size() >= maxTopics) {
                throw new PenstockException(
                        ErrorCode.TOPIC_LIMIT,
                        "There are " + maxTopics
                                + " topics, which is the limit. Delete one, or set PENSTOCK_MAX_TOPICS.");
            }
            // Kafka's part first: whoever sees the entry starts the enrichment, which reads raw.<topic>.
            resources.create(topic);
            entries.put(topic, entry(CatalogKind.TOPIC, topic, null));
            return Outcome.CREATED;
        }
    }

    /** @throws PenstockException {@code name.invalid}, {@code topic.unknown}, {@code topic.deleting} */
    public Outcome createSegment(String topic, String segment) {
        Names.check("topic", topic);
        Names.check("segment", segment);
        synchronized (writing) {
            requireActive(requireTopic(topic), "topic '" + topic + "'");
            Optional<CatalogEntry> present = catalog.segment(topic, segment);
            if (present.isPresent()) {
                requireActive(present.get(), "segment '" + segment + "' of '" + topic + "'");
                return Outcome.EXISTED;
            }
            entries.put(CatalogTable.segmentKey(topic, segment), entry(CatalogKind.SEGMENT, topic, segment));
            return Outcome.CREATED;
        }
    }

    /** @throws PenstockException {@code name.invalid}, {@code topic.unknown} */
    public Outcome deleteTopic(String topic) throws InterruptedException {
        beginDeletingTopic(topic);
        return awaitGone(() -> catalog.topic(topic).isEmpty());
    }

    /** The same, without waiting for the end. */
    void beginDeletingTopic(String topic) {
        Names.check("topic", topic);
        synchronized (writing) {
            markDeleting(topic, requireTopic(topic));
        }
        deletions.resume();
    }

    /** @throws PenstockException {@code name.invalid}, {@code topic.unknown}, {@code segment.unknown}, {@code topic.deleting} */
    public Outcome deleteSegment(String topic, String segment) throws InterruptedException {
        beginDeletingSegment(topic, segment);
        return awaitGone(() -> catalog.segment(topic, segment).isEmpty());
    }

    /** The same, without waiting for the end. */
    void beginDeletingSegment(String topic, String segment) {
        Names.check("topic", topic);
        Names.check("segment", segment);
        synchronized (writing) {
            requireActive(requireTopic(topic), "topic '" + topic + "'");
            CatalogEntry entry = catalog.segment(topic, segment)
                    .orElseThrow(() -> new PenstockException(
                            ErrorCode.SEGMENT_UNKNOWN, "The topic '" + topic + "' has no segment '" + segment + "'."));
            markDeleting(CatalogTable.segmentKey(topic, segment), entry);
        }
        deletions.resume();
    }

    private CatalogEntry requireTopic(String topic) {
        return catalog.topic(topic)
                .orElseThrow(() -> new PenstockException(
                        ErrorCode.TOPIC_UNKNOWN,
                        "There is no topic '" + topic + "'. GET /api/catalog lists what exists."));
    }

    private static void requireActive(CatalogEntry entry, String what) {
        if (entry.getState() == CatalogState.DELETING) {
            throw new PenstockException(
                    ErrorCode.TOPIC_DELETING, "The " + what + " is being deleted; try again when that is done.");
        }
    }

    private void markDeleting(String key, CatalogEntry entry) {
        if (entry.getState() != CatalogState.DELETING) {
            entries.put(
                    key,
                    CatalogEntry.newBuilder(entry)
                            .setState(CatalogState.DELETING)
                            .setFenceId(UUID.randomUUID().toString())
                            .build());
        }
    }

    private Outcome awaitGone(BooleanSupplier gone) throws InterruptedException {
        return changes.await(gone, DELETION_PATIENCE) ? Outcome.DELETED : Outcome.DELETING;
    }

    private CatalogEntry entry(CatalogKind kind, String topic, @org.jspecify.annotations.Nullable String segment) {
        return CatalogEntry.newBuilder()
                .setKind(kind)
                .setTopic(topic)
                .setSegment(segment)
                .setState(CatalogState.ACTIVE)
                .setIncarnation(UUID.randomUUID().toString())
                .setCreatedAt(clock.instant().truncatedTo(java.time.temporal.ChronoUnit.MILLIS))
                .build();
    }
}
