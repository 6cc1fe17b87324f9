package io.penstock.gateway;

import io.penstock.catalog.CatalogView;
import io.penstock.enrich.EnrichmentTopology;
import io.penstock.error.PenstockException;
import io.penstock.schema.CatalogEntry;
import io.penstock.schema.CatalogState;
import io.penstock.table.TableWriter;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks now and then whether a crash or a race has left something: creations and deletions that nobody carries through, and
 * groups and internal topics of enrichments whose life is over. An instance that was just starting the enrichment of a topic while
 * it was deleted may make those anew.
 *
 * <p>Nothing of a living topic is ever removed. An enrichment starts only after its entry was written; so what was there before
 * the view was read to its end, and has no entry then, is of a life that is over. To read to the end keeps other gateways from
 * writing for a moment, so it is done only for what had no entry in two looks.
 */
public final class Upkeep implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(5);

    private final CatalogView catalog;
    private final TableWriter<CatalogEntry> entries;
    private final CatalogGateway gateway;
    private final Deletions deletions;
    private final EnrichmentRemains remains;
    private final ScheduledExecutorService worker = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("gateway-upkeep").daemon().factory());
    private Set<CatalogEntry> creating = Set.of();
    private Set<String> withoutEntry = Set.of();

    Upkeep(
            CatalogView catalog,
            TableWriter<CatalogEntry> entries,
            CatalogGateway gateway,
            Deletions deletions,
            EnrichmentRemains remains) {
        this.catalog = catalog;
        this.entries = entries;
        this.gateway = gateway;
        this.deletions = deletions;
        this.remains = remains;
    }

    /** Looks from now on. */
    public void start() {
        var _ = worker.scheduleWithFixedDelay(this::lookAndGoOn, 0, LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void lookAndGoOn() {
        try {
            look();
        } catch (PenstockException e) {
            LOG.debug("Nothing can be looked after now: {}", e.detail());
        } catch (RuntimeException e) {
            LOG.warn("Looking for what was left failed and is tried again", e);
        }
    }

    void look() {
        deletions.resume();
        try {
            resumeCreations();
        } finally {
            if (catalog.isWhole()) {
                removeRemains();
            }
        }
    }

    /** What was CREATING at the last look already; before that, whoever began it is at work. */
    private void resumeCreations() {
        Set<CatalogEntry> now = catalog.topics().stream()
                .filter(topic -> topic.getState() == CatalogState.CREATING)
                .collect(Collectors.toSet());
        now.stream().filter(creating::contains).forEach(gateway::resume);
        creating = now;
    }

    private void removeRemains() {
        Set<String> suspects = remains.applications();
        suspects.removeAll(living());
        Set<String> again = new TreeSet<>(suspects);
        again.retainAll(withoutEntry);
        withoutEntry = suspects;
        if (again.isEmpty()) {
            return;
        }
        entries.refresh();
        again.removeAll(living());
        for (String application : again) {
            try {
                remains.delete(application);
                LOG.info("Removed what was left of {}", application);
            } catch (PenstockException e) {
                LOG.debug("What was left of {} cannot be removed now: {}", application, e.detail());
            }
        }
    }

    /** Whatever its state: a deletion removes what is its own. */
    private Set<String> living() {
        return catalog.topics().stream()
                .map(topic -> EnrichmentTopology.applicationId(topic.getTopic(), topic.getIncarnation()))
                .collect(Collectors.toSet());
    }

    @Override
    public void close() {
        worker.shutdownNow();
    }
}
