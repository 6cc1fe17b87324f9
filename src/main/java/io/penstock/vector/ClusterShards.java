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

    /** How long another instance may take for one question: as long as its shards, which it asks side by side, and the way. */
    static final Duration PATIENCE = StreamsShards.PATIENCE.plusMillis(500);

    /** How long all questions of one search may take together. Whatever has not answered by then is left out. */
    static final Duration SEARCH_PATIENCE = Duration.ofSeconds(8);

    private final StreamsShards here;
    private final Peers peers;
    private final IndexWire wire;
    private final Set<Integer> all;

    ClusterShards(StreamsShards here, Peers peers, IndexWire wire, int partitions) {
        this.here = here;
        this.peers = peers;
        this.wire = wire;
        this.all = Shards.numbered(partitions);
    }

    @Override
    public Session begin() {
        return new ClusterSession();
    }

    private final class ClusterSession implements Session {
        /** Ids of instances that did not answer; one that hangs holds a search up only once. */
        private final Set<String> silent = new HashSet<>();

        private final long deadline = System.nanoTime() + SEARCH_PATIENCE.toNanos();

        @Override
        public Set<Integer> all() {
            return all;
        }

        @Override
        public <R> ShardAnswers<R> ask(IndexQuery<R> query, Map<Integer, Long> position, Set<Integer> wanted) {
            Gathered<R> gathered = new Gathered<>(wanted);
            try {
                gathered.addActive(here.ask(query, position, wanted, atMost(StreamsShards.PATIENCE)));
            } catch (PenstockException e) {
                gathered.unavailable = e;
            }
            if (!gathered.missing().isEmpty()) {
                askOthers(query, position, gathered);
            }
            if (!gathered.missing().isEmpty() && gathered.unavailable == null) {
                gathered.addCopies(here.askCopies(query, position, gathered.missing(), atMost(StreamsShards.PATIENCE)));
            }
            return gathered.all();
        }

        /** What is left of the search, but no more than this. */
        private Duration atMost(Duration patience) {
            Duration left = Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
            return left.compareTo(patience) < 0 ? left : patience;
        }

        private <R> void askOthers(IndexQuery<R> query, Map<Integer, Long> position, Gathered<R> gathered) {
            List<Peer> hosts = peers.hosting(VectorIndexTopology.NAME).stream()
                    .filter(peer -> !silent.contains(peer.id()))
                    .toList();
            Duration patience = atMost(PATIENCE);
            Duration theirPatience = patience.multipliedBy(4).dividedBy(5); // what they have by then is still in time
            JsonNode question = wire.question(query, position, gathered.missing(), theirPatience);
            Map<Integer, R> copies = new TreeMap<>();
            for (PeerAnswer answer : peers.ask(hosts, IndexAnswers.QUERY, question, patience, body -> false)) {
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
                    case Failed failed -> {
                        silent.add(failed.peer().id());
                        LOG.debug(
                                "The shards at {} did not answer: {}",
                                failed.peer().url(),
                                failed.reason());
                    }
                }
            }
            gathered.addCopies(new ShardAnswers<>(copies, copies.keySet(), Set.of()));
        }
    }

    /** What is known so far. */
    private static final class Gathered<R> {
        private final Set<Integer> wanted;
        private final Map<Integer, R> answers = new TreeMap<>();
        private final Set<Integer> copies = new TreeSet<>();
        private final Set<Integer> behind = new TreeSet<>();
        private @Nullable PenstockException unavailable;

        Gathered(Set<Integer> wanted) {
            this.wanted = wanted;
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
            Set<Integer> missing = new TreeSet<>(wanted);
            missing.removeAll(answers.keySet());
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
