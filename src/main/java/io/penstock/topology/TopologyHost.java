package io.penstock.topology;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.streams.KafkaClientSupplier;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the topologies of this app instance. They are started one after the other, and stopped in the opposite order, so that
 * nothing that is read by another goes first. May be called from any thread.
 */
public final class TopologyHost {
    private static final Logger LOG = LoggerFactory.getLogger(TopologyHost.class);

    private final Function<TopologyDefinition, Properties> properties;
    private final KafkaClientSupplier clients;
    private final Map<String, HostedTopology> hosted = new ConcurrentHashMap<>();
    private final List<String> order = new ArrayList<>();
    private boolean closed;

    /**
     * @param properties the settings of Kafka Streams for a definition
     * @param clients of all topologies
     */
    public TopologyHost(Function<TopologyDefinition, Properties> properties, KafkaClientSupplier clients) {
        this.properties = properties;
        this.clients = clients;
    }

    /** Starts a topology; does nothing when one of that name is there. */
    public synchronized void start(TopologyDefinition definition, Supplier<Topology> builder) {
        if (closed || hosted.containsKey(definition.name())) {
            return;
        }
        HostedTopology topology = new HostedTopology(definition, builder, properties.apply(definition), clients);
        hosted.put(definition.name(), topology);
        order.add(definition.name());
        LOG.info("Starting {}", definition.name());
        topology.start();
    }

    /** Stops a topology for good and removes its local state; false when it could not be closed in time. */
    public boolean remove(String name, Duration patience) {
        HostedTopology topology = hosted.get(name);
        if (topology == null) {
            return true;
        }
        boolean stopped = topology.stop(patience);
        if (stopped) {
            topology.cleanUp();
            synchronized (this) {
                hosted.remove(name);
                order.remove(name);
            }
        }
        return stopped;
    }

    public Optional<HostedTopology> find(String name) {
        return Optional.ofNullable(hosted.get(name));
    }

    /** The running instance of a topology, if there is one now. */
    public Optional<KafkaStreams> streams(String name) {
        return find(name).flatMap(HostedTopology::streams);
    }

    /** In the order they were started. */
    public synchronized List<HostedTopology> all() {
        return order.stream().map(hosted::get).toList();
    }

    /** Whether all that can work does; what is invalid stops itself alone. */
    public boolean allReady() {
        return all().stream().allMatch(topology -> topology.isInvalid() || topology.isReady());
    }

    /**
     * Stops everything. The last started goes first; those named in {@code last} (that others read) go after all others.
     *
     * @param patience for each of the two steps
     */
    public void close(Collection<String> last, Duration patience) {
        List<HostedTopology> topologies;
        synchronized (this) {
            closed = true;
            topologies = new ArrayList<>(all().reversed());
        }
        stopTogether(
                topologies.stream()
                        .filter(t -> !last.contains(t.definition().name()))
                        .toList(),
                patience);
        stopTogether(
                topologies.stream()
                        .filter(t -> last.contains(t.definition().name()))
                        .toList(),
                patience);
    }

    /** Together, because each takes a while to leave its group and to close its stores. */
    private static void stopTogether(List<HostedTopology> topologies, Duration patience) {
        List<Thread> stops = new ArrayList<>();
        for (HostedTopology topology : topologies) {
            stops.add(Thread.ofVirtual().start(() -> {
                if (!topology.stop(patience)) {
                    LOG.warn("{} was not closed in time", topology.definition().name());
                }
            }));
        }
        for (Thread stop : stops) {
            try {
                stop.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
