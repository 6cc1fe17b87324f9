package io.penstock.embedding;

import io.penstock.cluster.Peer;
import io.penstock.cluster.PeerAnswer;
import io.penstock.cluster.PeerAnswer.Answered;
import io.penstock.cluster.PeerAnswer.Failed;
import io.penstock.cluster.Peers;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Has instances that have the model embed, in turn, for one that has none. May be called from any thread.
 *
 * <p>Which model they have is asked again after some seconds: all have the same one, and it changes only when all are restarted.
 */
public final class RemoteEmbeddings implements Embeddings {
    private static final Duration PATIENCE = Duration.ofSeconds(70);
    private static final Duration MODEL_PATIENCE = Duration.ofSeconds(3);
    private static final Duration REMEMBERED = Duration.ofSeconds(10);
    private static final int MAX_CALLS = 64;

    private final Peers peers;
    private final Set<String> topologies;
    private final Semaphore calls = new Semaphore(MAX_CALLS);
    private final AtomicInteger turn = new AtomicInteger();
    private volatile @Nullable Known known;

    private record Known(EmbeddingModel model, long at) {}

    /** @param topologies which have the model where they run */
    public RemoteEmbeddings(Peers peers, Collection<String> topologies) {
        this.peers = peers;
        this.topologies = Set.copyOf(topologies);
    }

    @Override
    public Optional<EmbeddingModel> model() {
        Known before = known;
        if (before != null && System.nanoTime() - before.at() < REMEMBERED.toNanos()) {
            return Optional.of(before.model());
        }
        try {
            EmbeddingModel model = ask(List.of(), MODEL_PATIENCE).model();
            known = new Known(model, System.nanoTime());
            return Optional.of(model);
        } catch (PenstockException e) {
            return Optional.empty();
        }
    }

    @Override
    public EmbeddedTexts embed(List<String> texts) {
        if (texts.isEmpty() || texts.size() > MAX_TEXTS) {
            throw new PenstockException(
                    ErrorCode.PARAMETER_INVALID,
                    "One call embeds 1 to " + MAX_TEXTS + " texts, not " + texts.size() + ".");
        }
        if (!calls.tryAcquire()) {
            throw new PenstockException(
                    ErrorCode.BUSY, MAX_CALLS + " calls are being embedded; try again in a second.");
        }
        try {
            return ask(texts, PATIENCE);
        } finally {
            calls.release();
        }
    }

    private EmbeddedTexts ask(List<String> texts, Duration patience) {
        List<Peer> hosts = peers.alive().stream()
                .filter(peer -> !Collections.disjoint(peer.topologies(), topologies))
                .toList();
        List<String> failures = new ArrayList<>();
        PenstockException busy = null;
        long deadline = System.nanoTime() + patience.toNanos();
        int first = turn.getAndIncrement();
        for (int i = 0; i < hosts.size(); i++) {
            Duration left = Duration.ofNanos(deadline - System.nanoTime());
            if (!left.isPositive()) {
                break;
            }
            Peer host = hosts.get(Math.floorMod(first + i, hosts.size()));
            for (PeerAnswer answer : peers.ask(
                    List.of(host), EmbeddingAnswers.PATH, EmbeddingAnswers.question(texts), left, body -> true)) {
                switch (answer) {
                    case Answered answered -> {
                        try {
                            return EmbeddingAnswers.read(answered.body(), texts.size());
                        } catch (IOException e) {
                            failures.add(host.url() + ": its answer cannot be read");
                        }
                    }
                    case Failed failed -> {
                        PenstockException problem = failed.problem().orElse(null);
                        if (problem != null && problem.code() == ErrorCode.PARAMETER_INVALID) {
                            throw problem; // another one would say the same
                        }
                        busy = problem != null && problem.code() == ErrorCode.BUSY ? problem : busy;
                        failures.add(host.url() + ": " + failed.reason());
                    }
                }
            }
        }
        if (busy != null) {
            throw busy;
        }
        throw new PenstockException(
                ErrorCode.NOT_READY,
                hosts.isEmpty()
                        ? "No instance that is running has the embedding model. Start one with the role rag."
                        : "No instance with the embedding model could embed now (" + String.join("; ", failures)
                                + "). Try again in a few seconds.");
    }
}
