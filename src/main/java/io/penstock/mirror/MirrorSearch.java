package io.penstock.mirror;

import io.penstock.embedding.Embedder;
import io.penstock.schema.Chunk;
import io.penstock.vector.Retriever;
import io.penstock.vector.SearchHit;
import io.penstock.vector.SearchMode;
import io.penstock.vector.SearchRequest;
import io.penstock.vector.SearchResult;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Searches Pinecone instead of the local index, or both. Pinecone counts as one more shard when it answers. When it does not, the
 * local index does, and nothing is missing: the mirror holds a copy only. Lexical searches are the local index's, since Pinecone
 * holds no words, and so are those that wait for what was just ingested: the mirror follows when it can.
 *
 * <p>May be used from any thread.
 */
public final class MirrorSearch implements Retriever, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MirrorSearch.class);
    private static final Duration PATIENCE = Duration.ofSeconds(4);
    /** So long it is not asked after it failed: its silence should not slow every search down. */
    private static final Duration PAUSE = Duration.ofSeconds(5);
    /** The part of a hybrid score that the cosine decides, as in the local index. */
    private static final double DENSE_WEIGHT = 0.4;

    private final Retriever local;
    private final PineconeRetriever pinecone;
    private final SearchSource source;
    private final InstantSource clock;
    private final ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();
    private volatile Instant silentUntil = Instant.EPOCH;
    private volatile boolean failing;

    MirrorSearch(Retriever local, PineconeRetriever pinecone, SearchSource source, InstantSource clock) {
        this.local = local;
        this.pinecone = pinecone;
        this.source = source;
        this.clock = clock;
    }

    /**
     * The search that the settings ask for.
     *
     * @param topics that exist
     * @param shown whether a chunk may be shown
     * @return empty when it is the local one
     * @throws io.penstock.error.PenstockException {@code config.invalid}
     */
    public static Optional<MirrorSearch> of(
            MirrorSettings settings,
            Retriever local,
            Embedder embedder,
            Supplier<List<String>> topics,
            Predicate<Chunk> shown,
            InstantSource clock) {
        SearchSource source = settings.search();
        if (source == SearchSource.LOCAL) {
            return Optional.empty();
        }
        PineconeIndex index = new PineconeIndex(settings.pinecone(), embedder.dimension());
        return Optional.of(
                new MirrorSearch(local, new PineconeRetriever(index, embedder, topics, shown), source, clock));
    }

    @Override
    public SearchResult search(SearchRequest request) throws InterruptedException {
        boolean waits = source == SearchSource.PINECONE && !request.position().isEmpty();
        if (request.mode() == SearchMode.LEXICAL || waits) {
            return local.search(request);
        }
        if (clock.instant().isBefore(silentUntil)) {
            return local.search(request);
        }
        Future<SearchResult> asked = calls.submit(() -> pinecone.search(request));
        try {
            return switch (source) {
                case LOCAL -> local.search(request);
                case MERGED -> {
                    SearchResult here = local.search(request);
                    yield answered(asked)
                            .map(there -> merged(request, here, there))
                            .orElse(here);
                }
                case PINECONE -> {
                    Optional<SearchResult> there = answered(asked);
                    yield there.isPresent() ? there.get() : local.search(request);
                }
            };
        } finally {
            asked.cancel(true);
        }
    }

    private Optional<SearchResult> answered(Future<SearchResult> asked) throws InterruptedException {
        try {
            SearchResult result = asked.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            if (failing) {
                LOG.info("Pinecone answers searches again");
            }
            failing = false;
            return Optional.of(result);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            silent(String.valueOf(cause == null ? e.getMessage() : cause.getMessage()));
        } catch (TimeoutException e) {
            silent("It did not answer in " + PATIENCE.toSeconds() + " s.");
        }
        return Optional.empty();
    }

    private void silent(String why) {
        silentUntil = clock.instant().plus(PAUSE);
        if (!failing) {
            LOG.warn("Searches go without Pinecone until it answers: {}", why);
        }
        failing = true;
    }

    /** Of a passage that both found, the local one stands: it is the newer. */
    private static SearchResult merged(SearchRequest request, SearchResult here, SearchResult there) {
        Map<String, SearchHit> hits = new LinkedHashMap<>();
        here.hits().forEach(hit -> hits.put(hit.id(), hit));
        List<SearchHit> onlyThere = new ArrayList<>();
        there.hits().stream().filter(hit -> !hits.containsKey(hit.id())).forEach(onlyThere::add);
        List<SearchHit> all = new ArrayList<>(hits.values());
        onlyThere.forEach(hit -> all.add(request.mode() == SearchMode.DENSE ? hit : scored(hit, here, there)));
        return new SearchResult(
                all.stream()
                        .sorted(Comparator.comparingDouble(SearchHit::score)
                                .reversed()
                                .thenComparing(SearchHit::id))
                        .limit(request.k())
                        .toList(),
                here.asked() + there.asked(),
                here.answered() + there.answered(),
                here.stale() + there.stale(),
                here.renewing());
    }

    /** On the scale of the local hybrid scores: what the cosine alone earns, between the least and the best that was found. */
    private static SearchHit scored(SearchHit hit, SearchResult here, SearchResult there) {
        double best = Math.max(cosine(here, true), cosine(there, true));
        double least = Math.min(cosine(here, false), cosine(there, false));
        double share = best > least ? (hit.cosine() - least) / (best - least) : 1;
        return hit.scored(DENSE_WEIGHT * share);
    }

    private static double cosine(SearchResult result, boolean highest) {
        var cosines = result.hits().stream().mapToDouble(SearchHit::cosine);
        return highest ? cosines.max().orElse(-1) : cosines.min().orElse(1);
    }

    @Override
    public void close() {
        calls.shutdownNow();
        pinecone.close();
    }
}
