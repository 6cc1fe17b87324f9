package io.penstock.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.cluster.Cluster;
import io.penstock.cluster.Peer;
import io.penstock.cluster.PeerAnswer;
import io.penstock.cluster.PeerAnswer.Answered;
import io.penstock.cluster.PeerAnswer.Failed;
import io.penstock.topology.HostedTopology;
import io.penstock.topology.TopologyDefinition;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.ThreadMetadata;

/** The topologies of all instances, and how they are. */
@Path("/api/topologies")
@Produces(MediaType.APPLICATION_JSON)
public class TopologiesResource {
    private static final String PATH = "/internal/topologies";
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final Services services;

    public TopologiesResource(Services services) {
        this.services = services;
    }

    @GET
    public ObjectNode list() {
        ObjectNode answer = here(services);
        ArrayNode topologies = (ArrayNode) answer.get("topologies");
        ArrayNode instances = answer.putArray("instances");
        Cluster cluster = services.cluster();
        instance(instances, cluster.id(), cluster.url(), cluster.roles(), "");
        List<PeerAnswer> answers =
                cluster.ask(cluster.alive(), PATH, JsonNodeFactory.instance.objectNode(), PATIENCE, body -> false);
        for (PeerAnswer each : answers) {
            Peer peer = each.peer();
            switch (each) {
                case Answered answered -> {
                    instance(instances, peer.id(), peer.url().toString(), peer.roles(), "");
                    answered.body().path("topologies").forEach(topologies::add);
                }
                case Failed failed ->
                    instance(instances, peer.id(), peer.url().toString(), peer.roles(), failed.reason());
            }
        }
        return answer;
    }

    private static void instance(ArrayNode instances, String id, String url, Set<String> roles, String failure) {
        ObjectNode node = instances.addObject().put("id", id).put("url", url);
        ArrayNode names = node.putArray("roles");
        roles.stream().sorted().forEach(names::add);
        node.put("answered", failure.isEmpty());
        if (!failure.isEmpty()) {
            node.put("failure", failure);
        }
    }

    /** Those of this instance. */
    static ObjectNode here(Services services) {
        Cluster cluster = services.cluster();
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode topologies = answer.putArray("topologies");
        services.topologies().all().forEach(topology -> topologies.add(describe(topology)));
        services.topologyFaults()
                .forEach((name, fault) -> topologies
                        .addObject()
                        .put("name", name)
                        .put("state", "INVALID")
                        .put("fault", fault));
        for (JsonNode topology : topologies) {
            ((ObjectNode) topology).put("instance", cluster.id()).put("url", cluster.url());
        }
        ArrayNode files = answer.putArray("config_faults");
        services.configFaults()
                .forEach((file, fault) -> files.addObject().put("file", file).put("fault", fault));
        return answer;
    }

    private static ObjectNode describe(HostedTopology topology) {
        TopologyDefinition definition = topology.definition();
        ObjectNode node = JsonNodeFactory.instance
                .objectNode()
                .put("name", definition.name())
                .put("application_id", definition.applicationId())
                .put("guarantee", definition.guarantee().text())
                .put("threads", definition.threads())
                .put("role", definition.role())
                .put("description", definition.description())
                .put("state", topology.state().name())
                .put("ready", topology.isReady())
                .put("restarts", topology.restarts());
        topology.lastFailure().ifPresent(failure -> node.put("last_failure", failure));
        topology.streams().ifPresent(streams -> describe(node, streams));
        return node;
    }

    private static void describe(ObjectNode node, KafkaStreams streams) {
        node.put("streams_state", streams.state().name());
        ArrayNode threads = node.putArray("stream_threads");
        for (ThreadMetadata thread : streams.metadataForLocalThreads()) {
            threads.addObject()
                    .put("name", thread.threadName())
                    .put("state", thread.threadState())
                    .put("active_tasks", thread.activeTasks().size())
                    .put("standby_tasks", thread.standbyTasks().size());
        }
        try {
            node.put(
                    "lag",
                    streams.allLocalStorePartitionLags().values().stream()
                            .flatMap(lags -> lags.values().stream())
                            .mapToLong(lag -> Math.max(0, lag.offsetLag()))
                            .sum());
        } catch (RuntimeException e) {
            node.putNull("lag"); // not known while the instance is starting or moving
        }
    }
}
