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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shards of all instances: those that are active here, then those of the others side by side, then copies of what nobody has
 * answered for. Each partition counts once.
 */
final class ClusterShards implements Shards {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterShards.class);

    /** How long another instance may take for one question. */
    static final Duration PATIENCE = Duration.ofSeconds(2);

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
    public Session begin() {
        return new ClusterSession();
    }

    private final class ClusterSession implements Session {
        /** Ids of instances that did not answer; one that hangs holds a search up only once. */
        private final Set<String> silent = new HashSet<>();

        @Override
        public <R> ShardAnswers<R> ask(IndexQuery<R> query, Map<Integer, Long> position) {
            Gathered<R> gathered = new Gathered<>(partitions);
            try {
                gathered.addActive(here.ask(query, position));
            } catch (PenstockException e) {
                gathered.unavailable = e;
            }
            if (!gathered.missing().isEmpty()) {
                askOthers(query, position, gathered);
            }
            if (!gathered.missing().isEmpty() && gathered.unavailable == null) {
                gathered.addCopies(here.askCopies(query, position, gathered.missing()));
            }
            return gathered.all();
        }

        private <R> void askOthers(IndexQuery<R> query, Map<Integer, Long> position, Gathered<R> gathered) {
            List<Peer> hosts = peers.hosting(VectorIndexTopology.NAME).stream()
                    .filter(peer -> !silent.contains(peer.id()))
                    .toList();
            JsonNode question = wire.question(query, position, gathered.missing());
            Map<Integer, R> copies = new TreeMap<>();
            for (PeerAnswer answer : peers.ask(hosts, IndexAnswers.QUERY, question, PATIENCE, body -> false)) {
                switch (answer) {
                    case Answered(Peer peer, JsonNode body) -> {
                        try {
                            ShardAnswers<R> theirs = wire.readAnswers(query, body);
                            theirs.answers().forEach((partition, found) -> {
                                if (theirs.copies().contains(partition)) {
                                    copies.putIfAbsent(partition, found);
                                } else {
                                    gathered.answers.putIfAbsent(partition, found);
                                }
                            });
                            gathered.behind.addAll(theirs.behind());
                        } catch (IOException | IllegalArgumentException e) {
                            LOG.warn("The shards at {} gave an answer that cannot be read", peer.url(), e);
                        }
                    }
                    case Failed(Peer peer, String reason) -> {
                        silent.add(peer.id());
                        LOG.debug("The shards at {} did not answer: {}", peer.url(), reason);
                    }
                }
            }
            gathered.addCopies(new ShardAnswers<>(copies, copies.keySet(), Set.of()));
        }
    }

    /** What is known so far. */
    private static final class Gathered<R> {
        private final int partitions;
        private final Map<Integer, R> answers = new TreeMap<>();
        private final Set<Integer> copies = new TreeSet<>();
        private final Set<Integer> behind = new TreeSet<>();
        private @Nullable PenstockException unavailable;

        Gathered(int partitions) {
            this.partitions = partitions;
        }

        void addActive(ShardAnswers<R> more) {
            answers.putAll(more.answers());
            behind.addAll(more.behind());
        }

        void addCopies(ShardAnswers<R> more) {
            more.answers().forEach((partition, found) -> {
                if (answers.putIfAbsent(partition, found) == null) {
                    copies.add(partition);
                }
            });
            behind.addAll(more.behind());
        }

        Set<Integer> missing() {
            Set<Integer> missing = new TreeSet<>();
            for (int partition = 0; partition < partitions; partition++) {
                if (!answers.containsKey(partition)) {
                    missing.add(partition);
                }
            }
            return missing;
        }

        ShardAnswers<R> all() {
            if (answers.isEmpty() && behind.isEmpty() && unavailable != null) {
                throw unavailable;
            }
            behind.removeAll(answers.keySet());
            return new ShardAnswers<>(answers, copies, behind);
        }
    }
}
