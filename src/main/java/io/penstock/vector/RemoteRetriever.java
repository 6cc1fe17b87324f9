package io.penstock.vector;

import io.penstock.cluster.Peer;
import io.penstock.cluster.PeerAnswer;
import io.penstock.cluster.PeerAnswer.Answered;
import io.penstock.cluster.PeerAnswer.Failed;
import io.penstock.cluster.Peers;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schema.Chunk;
import io.penstock.serde.AvroSerdes;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Has an instance that runs the vector index search, in turn, for one that has no model to embed questions with. May be called
 * from any thread.
 */
public final class RemoteRetriever implements Retriever {
    /** How long a search may take that waits for nothing. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Peers peers;
    private final IndexWire wire;
    private final AtomicInteger turn = new AtomicInteger();

    public RemoteRetriever(Peers peers, AvroSerdes serdes) {
        this.peers = peers;
        this.wire = new IndexWire(serdes.codec(Chunk.class));
    }

    @Override
    public SearchResult search(SearchRequest request) {
        List<Peer> hosts = peers.hosting(VectorIndexTopology.NAME);
        List<String> failures = new ArrayList<>();
        long begun = System.nanoTime();
        int first = turn.getAndIncrement();
        for (int i = 0; i < hosts.size(); i++) {
            Duration used = Duration.ofNanos(System.nanoTime() - begun);
            Duration left = PATIENCE.plus(request.patience()).minus(used);
            if (!left.isPositive()) {
                break;
            }
            Duration wait = request.patience().minus(used);
            SearchRequest rest = request.reaching(request.position(), wait.isPositive() ? wait : Duration.ZERO);
            Peer host = hosts.get(Math.floorMod(first + i, hosts.size()));
            for (PeerAnswer answer :
                    peers.ask(List.of(host), IndexAnswers.SEARCH, wire.request(rest), left, body -> true)) {
                switch (answer) {
                    case Answered answered -> {
                        try {
                            return wire.readResult(answered.body());
                        } catch (IOException e) {
                            failures.add(host.url() + ": its answer cannot be read");
                        }
                    }
                    case Failed failed -> {
                        Optional<PenstockException> problem = failed.problem();
                        if (problem.isPresent() && isFinal(problem.get(), request, System.nanoTime() - begun)) {
                            throw problem.get();
                        }
                        failures.add(host.url() + ": " + failed.reason());
                    }
                }
            }
        }
        throw new PenstockException(
                ErrorCode.SHARD_UNAVAILABLE,
                hosts.isEmpty()
                        ? "No instance that is running has the vector index. Start one with the role rag."
                        : "No instance with the vector index could search now (" + String.join("; ", failures)
                                + "). Try again in a few seconds.");
    }

    /** Whether another instance would say the same. One that is stopping says that it is not ready, too, but without having waited. */
    private static boolean isFinal(PenstockException problem, SearchRequest request, long usedNanos) {
        return switch (problem.code()) {
            case NOT_READY ->
                !request.position().isEmpty() && usedNanos >= request.patience().toNanos();
            case PARAMETER_INVALID -> true;
            default -> false;
        };
    }
}
