package io.penstock.enrich;

import io.penstock.catalog.CatalogView;
import io.penstock.error.PenstockException;
import io.penstock.schema.CatalogEntry;
import io.penstock.schema.CatalogState;
import io.penstock.topology.HostedTopology;
import io.penstock.topology.LocalState;
import io.penstock.topology.TopologyDefinition;
import io.penstock.topology.TopologyHost;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.streams.Topology;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one enrichment running for each topic of the catalog that is active, and none for any other. One instance of Streams per
 * topic, not one for all: a change of subscription is a change of topology, and deleting a Kafka topic that a pattern matches
 * stalls whoever reads it.
 *
 * <p><b>Threading.</b> All work happens on the fleet's own thread; {@link #reconcile} may be called from any.
 */
public final class EnrichmentFleet implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EnrichmentFleet.class);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(10);
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final TopologyHost host;
    private final TopologyDefinition definition;
    private final CatalogView catalog;
    private final Predicate<String> takes;
    private final Function<CatalogEntry, Topology> builder;
    private final Path stateFolder;
    private final ScheduledExecutorService worker = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("enrichment-fleet").daemon().factory());
    private final AtomicBoolean due = new AtomicBoolean();

    /**
     * @param definition what the instances have in common
     * @param takes whether the enrichment of a topic of this name runs here
     * @param builder makes the topology for a topic's entry
     * @param stateFolder where topologies keep their local state, in a folder for each application id
     */
    public EnrichmentFleet(
            TopologyHost host,
            TopologyDefinition definition,
            CatalogView catalog,
            Predicate<String> takes,
            Function<CatalogEntry, Topology> builder,
            Path stateFolder) {
        this.host = host;
        this.definition = definition;
        this.catalog = catalog;
        this.takes = takes;
        this.builder = builder;
        this.stateFolder = stateFolder;
    }

    /** Has the fleet look at the catalog soon. Returns at once. */
    public void reconcile() {
        if (due.compareAndSet(false, true)) {
            try {
                worker.execute(this::reconcileNow);
            } catch (RejectedExecutionException e) {
                LOG.debug("The catalog changed after the fleet was closed");
            }
        }
    }

    private void reconcileNow() {
        due.set(false);
        try {
            Map<String, CatalogEntry> wanted = new HashMap<>();
            boolean whole = catalog.isWhole();
            List<CatalogEntry> topics = catalog.topics();
            for (CatalogEntry topic : topics) {
                if (topic.getState() == CatalogState.ACTIVE && takes.test(topic.getTopic())) {
                    wanted.put(instanceName(topic.getTopic(), topic.getIncarnation()), topic);
                }
            }
            boolean complete = true;
            for (HostedTopology running : host.all()) {
                String name = running.definition().name();
                if (name.startsWith(EnrichmentTopology.NAME + "/")
                        && !wanted.containsKey(name)
                        && (whole || isShown(topics, name))) {
                    LOG.info("Closing {}", name);
                    complete &= host.remove(name, CLOSE_PATIENCE);
                }
            }
            wanted.forEach((name, topic) -> host.start(
                    definition.instance(
                            name, EnrichmentTopology.applicationId(topic.getTopic(), topic.getIncarnation())),
                    () -> builder.apply(topic)));
            if (whole) {
                sweep(wanted.values());
            }
            if (!complete) {
                retryLater();
            }
        } catch (PenstockException e) {
            LOG.debug("The catalog cannot be read now: {}", e.detail());
            retryLater();
        }
    }

    /**
     * Removes the folders of lives that are over, which a crash may have left. Local state that nothing here uses may always go:
     * what is needed again is restored.
     */
    private void sweep(Collection<CatalogEntry> wanted) {
        Set<String> used = wanted.stream()
                .map(topic -> EnrichmentTopology.applicationId(topic.getTopic(), topic.getIncarnation()))
                .collect(Collectors.toSet());
        host.all().forEach(hosted -> used.add(hosted.definition().applicationId()));
        LocalState.sweep(stateFolder, EnrichmentTopology.APPLICATION_PREFIX, used);
    }

    /** Whether the catalog has the topic, in another state or life. */
    private static boolean isShown(List<CatalogEntry> topics, String instance) {
        return topics.stream()
                .anyMatch(topic -> instance.startsWith(EnrichmentTopology.NAME + "/" + topic.getTopic() + "/"));
    }

    /** Names the life, too: a topic that is created again is another instance, even if the old one is still closing. */
    public static String instanceName(String topic, String incarnation) {
        return EnrichmentTopology.NAME + "/" + topic + "/" + incarnation.substring(0, 8);
    }

    private void retryLater() {
        try {
            var _ = worker.schedule(this::reconcile, RETRY.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("The fleet was closed");
        }
    }

    @Override
    public void close() {
        worker.shutdownNow();
    }
}
