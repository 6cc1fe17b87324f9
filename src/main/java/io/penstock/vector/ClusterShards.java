package io.penstock.vector;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.cluster.Peer;
import io.penstock.cluster.PeerAnswer;
import io.penstock.cluster.PeerAnswer.Answered;
import io.penstock.cluster.PeerAnswer.Failed;
import io.penstock.cluster.Peers;
import io.penstock.error.PenstockException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The shards of all instances: those that are here, then the others side by side. Each partition counts once. */
final class ClusterShards implements Shards {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterShards.class);
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final StreamsShards here;
    private final Peers peers;
    private final IndexWire wire;
    private final int partitions;

    ClusterShards(StreamsShards here, Peers peers, IndexWire wire, int partitions) {
        this.here = here;
        this.peers = peers;
        this.wire = wire;
        this.partitions = partitions;
    }

    @Override
    public <R> List<R> ask(IndexQuery<R> query) {
        Map<Integer, R> answers = new TreeMap<>();
        PenstockException unavailable = null;
        try {
            answers.putAll(here.askEach(query));
        } catch (PenstockException e) {
            unavailable = e;
        }
        if (answers.size() < partitions) {
            List<Peer> hosts = peers.hosting(VectorIndexTopology.NAME);
            for (PeerAnswer answer :
                    peers.ask(hosts, IndexAnswers.QUERY, wire.question(query), PATIENCE, body -> false)) {
                switch (answer) {
                    case Answered(Peer peer, JsonNode body) -> read(query, peer, body, answers);
                    case Failed(Peer peer, String reason) ->
                        LOG.debug("The shards at {} did not answer: {}", peer.url(), reason);
                }
            }
        }
        if (answers.isEmpty() && unavailable != null) {
            throw unavailable;
        }
        return List.copyOf(answers.values());
    }

    private <R> void read(IndexQuery<R> query, Peer peer, JsonNode body, Map<Integer, R> answers) {
        for (Map.Entry<String, JsonNode> shard : body.path("shards").properties()) {
            try {
                answers.putIfAbsent(Integer.valueOf(shard.getKey()), wire.read(query, shard.getValue()));
            } catch (IOException | IllegalArgumentException e) {
                LOG.warn("Shard {} at {} gave an answer that cannot be read", shard.getKey(), peer.url(), e);
            }
        }
    }
}
