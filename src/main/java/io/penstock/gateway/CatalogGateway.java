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
import io.penstock.table.TableWriter.Update;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates and deletes topics and segments. Every call may be repeated, and several gateways may do the same at once; each returns
 * once this instance sees the change.
 *
 * <p>A topic is CREATING in the catalog before its Kafka topic is made, and ACTIVE after: so there is never a Kafka topic that no
 * entry tells of, and what a crash interrupted is carried through by whoever comes next.
 */
public final class CatalogGateway {
    private static final Logger LOG = LoggerFactory.getLogger(CatalogGateway.class);

    /** How long a deletion is waited for before the caller hears that it is still under way. */
    static final Duration DELETION_PATIENCE = Duration.ofSeconds(30);

    private static final Duration CREATION_PATIENCE = Duration.ofSeconds(2);

    private final CatalogView catalog;
    private final TableWriter<CatalogEntry> entries;
    private final ChangeSignal changes;
    private final TopicResources resources;
    private final Deletions deletions;
    private final InstantSource clock;
    private final int maxTopics;

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

    /** @throws PenstockException {@code name.invalid}, {@code topic.deleting}, {@code topic.limit}, {@code config.invalid} */
    public Outcome createTopic(String topic) {
        Names.check("topic", topic);
        Creation creation = update("The creation of the topic '" + topic + "'", () -> {
            Optional<CatalogEntry> present = catalog.topic(topic);
            if (present.isPresent()) {
                requireNotDeleting(present.get(), "topic '" + topic + "'");
                return Update.none(new Creation(present.get(), false));
            }
            if (catalog.topics().size() >= maxTopics) {
                throw new PenstockException(
                        ErrorCode.TOPIC_LIMIT,
                        "There are " + maxTopics
                                + " topics, which is the limit. Delete one, or set PENSTOCK_MAX_TOPICS.");
            }
            CatalogEntry creating = entry(CatalogKind.TOPIC, CatalogState.CREATING, topic, null);
            return Update.put(topic, creating, new Creation(creating, true));
        });
        CatalogEntry entry = creation.entry();
        if (entry.getState() != CatalogState.CREATING || (!creation.begunHere() && isCompletedByOthers(entry))) {
            return Outcome.EXISTED;
        }
        return complete(entry) || creation.begunHere() ? Outcome.CREATED : Outcome.EXISTED;
    }

    private record Creation(CatalogEntry entry, boolean begunHere) {}

    /** Whoever began a creation is usually at work; a crash may have left it. */
    private boolean isCompletedByOthers(CatalogEntry creating) {
        try {
            return changes.await(() -> !isStill(creating), CREATION_PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Carries a creation through that was left CREATING, by a crash or a failure. */
    void resume(CatalogEntry creating) {
        try {
            if (complete(creating)) {
                LOG.info("The creation of {} was carried through", creating.getTopic());
            }
        } catch (PenstockException e) {
            LOG.warn("The topic {} cannot be made now: {}", creating.getTopic(), e.detail());
        }
    }

    /** Makes what Kafka holds of a topic that is CREATING, then shows it as ACTIVE; true when it was this call that did. */
    private boolean complete(CatalogEntry creating) {
        String topic = creating.getTopic();
        String what = "The creation of the topic '" + topic + "'";
        String id;
        try {
            id = resources.create(topic);
        } catch (PenstockException e) {
            if (e.code() == ErrorCode.CONFIG_INVALID) { // a topic that is not ours, which will not change by itself
                var _ = update(
                        what,
                        () -> isStill(creating)
                                ? Update.<CatalogEntry, Boolean>delete(List.of(topic), true)
                                : Update.<CatalogEntry, Boolean>none(false));
            }
            throw e;
        }
        boolean completed = update(
                what,
                () -> isStill(creating)
                        ? Update.put(
                                topic,
                                CatalogEntry.newBuilder(creating)
                                        .setState(CatalogState.ACTIVE)
                                        .setKafkaTopicId(id)
                                        .build(),
                                true)
                        : Update.none(false));
        if (!completed && catalog.topic(topic).isEmpty()) {
            // It was deleted while its Kafka topic was being made, so that nobody else knows of that.
            resources.delete(topic, creating.getIncarnation(), Optional.of(id));
        }
        return completed;
    }

    private boolean isStill(CatalogEntry entry) {
        return catalog.topic(entry.getTopic()).filter(entry::equals).isPresent();
    }

    /** @throws PenstockException {@code name.invalid}, {@code topic.unknown}, {@code topic.deleting} */
    public Outcome createSegment(String topic, String segment) {
        Names.check("topic", topic);
        Names.check("segment", segment);
        completeIfCreating(topic);
        return update("The creation of the segment '" + segment + "' of '" + topic + "'", () -> {
            requireNotDeleting(requireTopic(topic), "topic '" + topic + "'");
            Optional<CatalogEntry> present = catalog.segment(topic, segment);
            if (present.isPresent()) {
                requireNotDeleting(present.get(), "segment '" + segment + "' of '" + topic + "'");
                return Update.none(Outcome.EXISTED);
            }
            return Update.put(
                    CatalogTable.segmentKey(topic, segment),
                    entry(CatalogKind.SEGMENT, CatalogState.ACTIVE, topic, segment),
                    Outcome.CREATED);
        });
    }

    /** @throws PenstockException {@code name.invalid}, {@code topic.unknown} */
    public Outcome deleteTopic(String topic) throws InterruptedException {
        String life = beginDeletingTopic(topic).getIncarnation();
        return awaitGone(() -> isGone(catalog.topic(topic), life));
    }

    /** The same, without waiting for the end. */
    CatalogEntry beginDeletingTopic(String topic) {
        Names.check("topic", topic);
        CatalogEntry deleting = update("The deletion of the topic '" + topic + "'", () -> {
            CatalogEntry entry = requireTopic(topic);
            if (entry.getState() == CatalogState.DELETING) {
                return Update.none(entry);
            }
            CatalogEntry marked = marked(entry);
            if (marked.getKafkaTopicId() == null) { // made by an earlier version, or not made to its end
                marked.setKafkaTopicId(resources.find(topic).orElse(null));
            }
            return Update.put(topic, marked, marked);
        });
        deletions.resume();
        return deleting;
    }

    /** @throws PenstockException {@code name.invalid}, {@code topic.unknown}, {@code segment.unknown}, {@code topic.deleting} */
    public Outcome deleteSegment(String topic, String segment) throws InterruptedException {
        String life = beginDeletingSegment(topic, segment).getIncarnation();
        return awaitGone(() -> isGone(catalog.segment(topic, segment), life));
    }

    /** The same, without waiting for the end. */
    CatalogEntry beginDeletingSegment(String topic, String segment) {
        Names.check("topic", topic);
        Names.check("segment", segment);
        CatalogEntry deleting = update("The deletion of the segment '" + segment + "' of '" + topic + "'", () -> {
            requireNotDeleting(requireTopic(topic), "topic '" + topic + "'");
            CatalogEntry entry = catalog.segment(topic, segment)
                    .orElseThrow(() -> new PenstockException(
                            ErrorCode.SEGMENT_UNKNOWN, "The topic '" + topic + "' has no segment '" + segment + "'."));
            if (entry.getState() == CatalogState.DELETING) {
                return Update.none(entry);
            }
            CatalogEntry marked = marked(entry);
            return Update.put(CatalogTable.segmentKey(topic, segment), marked, marked);
        });
        deletions.resume();
        return deleting;
    }

    private <A> A update(String what, Supplier<Update<CatalogEntry, A>> decide) {
        return entries.update(what, decide);
    }

    private void completeIfCreating(String topic) {
        catalog.topic(topic)
                .filter(entry -> entry.getState() == CatalogState.CREATING)
                .ifPresent(this::complete);
    }

    private CatalogEntry requireTopic(String topic) {
        return catalog.topic(topic)
                .orElseThrow(() -> new PenstockException(
                        ErrorCode.TOPIC_UNKNOWN,
                        "There is no topic '" + topic + "'. GET /api/catalog lists what exists."));
    }

    private static void requireNotDeleting(CatalogEntry entry, String what) {
        if (entry.getState() == CatalogState.DELETING) {
            throw new PenstockException(
                    ErrorCode.TOPIC_DELETING, "The " + what + " is being deleted; try again when that is done.");
        }
    }

    private static CatalogEntry marked(CatalogEntry entry) {
        return CatalogEntry.newBuilder(entry)
                .setState(CatalogState.DELETING)
                .setFenceId(UUID.randomUUID().toString())
                .build();
    }

    /** Another life under the same name may have begun already. */
    private static boolean isGone(Optional<CatalogEntry> entry, String life) {
        return entry.filter(present -> present.getIncarnation().equals(life)).isEmpty();
    }

    private Outcome awaitGone(BooleanSupplier gone) throws InterruptedException {
        return changes.await(gone, DELETION_PATIENCE) ? Outcome.DELETED : Outcome.DELETING;
    }

    private CatalogEntry entry(CatalogKind kind, CatalogState state, String topic, @Nullable String segment) {
        return CatalogEntry.newBuilder()
                .setKind(kind)
                .setTopic(topic)
                .setSegment(segment)
                .setState(state)
                .setIncarnation(UUID.randomUUID().toString())
                .setCreatedAt(clock.instant().truncatedTo(ChronoUnit.MILLIS))
                .build();
    }
}
