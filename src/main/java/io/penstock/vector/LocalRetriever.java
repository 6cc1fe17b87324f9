package io.penstock.vector;

import io.penstock.cluster.Peers;
import io.penstock.embedding.Embedder;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.Topics;
import io.penstock.schema.Chunk;
import io.penstock.serde.AvroSerdes;
import io.penstock.vector.HybridFusion.Ranked;
import io.penstock.vector.ShardHits.Candidate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.kafka.streams.KafkaStreams;

/**
 * Embeds the question here and asks the shards, those of other instances too, in three rounds: how often the words occur over all
 * shards, the best candidates of each, and the passages of the winners.
 */
public final class LocalRetriever implements Retriever {
    /** How long one shard may take for one question. */
    static final Duration SHARD_PATIENCE = Duration.ofSeconds(2);

    /** So many times more candidates than hits are asked for, in case that some may not be shown. */
    private static final int SPARE = 2;

    /** How long after the first time shards are asked whether they have reached a position; then twice as long, and so on. */
    private static final long FIRST_PAUSE_MS = 50;

    private static final long LONGEST_PAUSE_MS = 500;

    private final Shards shards;
    private final Embedder embedder;
    private final int partitions;
    private final Predicate<Chunk> shown;
    private final HybridFusion fusion = new HybridFusion(HybridFusion.DENSE_WEIGHT, ChunkQuery.CANDIDATES);

    /**
     * @param instance the running vector index, if there is one now
     * @param partitions of the Kafka topic {@code chunk}: the shards that a full answer needs
     * @param shown whether a chunk may be shown, looked at last
     */
    public LocalRetriever(
            Supplier<Optional<KafkaStreams>> instance, Embedder embedder, int partitions, Predicate<Chunk> shown) {
        this(
                embedder,
                localShards(new StreamsShards(instance, Topics.CHUNK), Shards.numbered(partitions)),
                partitions,
                shown);
    }

    /** The same, with the shards that other instances have. */
    public LocalRetriever(
            Supplier<Optional<KafkaStreams>> instance,
            Peers peers,
            AvroSerdes serdes,
            Embedder embedder,
            int partitions,
            Predicate<Chunk> shown) {
        this(
                embedder,
                new ClusterShards(
                        new StreamsShards(instance, Topics.CHUNK),
                        peers,
                        new IndexWire(serdes.codec(Chunk.class)),
                        partitions),
                partitions,
                shown);
    }

    LocalRetriever(Embedder embedder, Shards shards, int partitions, Predicate<Chunk> shown) {
        this.shards = shards;
        this.embedder = embedder;
        this.partitions = partitions;
        this.shown = shown;
    }

    private static Shards localShards(StreamsShards here, Set<Integer> all) {
        return () -> new LocalSession(here, all);
    }

    @Override
    public SearchResult search(SearchRequest request) throws InterruptedException {
        long deadline = System.nanoTime() + request.patience().toNanos();
        float[] vector = embedder.embed(request.q());
        Shards.Session session = shards.begin();
        CorpusStatistics corpus = CorpusStatistics.EMPTY;
        if (request.mode() != SearchMode.DENSE) {
            for (CorpusStatistics own :
                    session.ask(new CorpusQuery(request.q())).values()) {
                corpus = corpus.plus(own);
            }
        }
        ChunkQuery query = new ChunkQuery(
                request.mode(),
                vector,
                embedder.fingerprint(),
                request.q(),
                ChunkQuery.CANDIDATES,
                SPARE * request.k(),
                request.filter(),
                corpus,
                SHARD_PATIENCE);
        ShardAnswers<ShardHits> answers = session.ask(query, request.position());
        long pause = FIRST_PAUSE_MS;
        while (!answers.missing(request.position().keySet()).isEmpty()) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw behind(request, answers);
            }
            Thread.sleep(Duration.ofNanos(Math.min(left, TimeUnit.MILLISECONDS.toNanos(pause))));
            pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
            session = shards.begin();
            answers = answers.and(askAgain(session, query, request.position(), answers));
        }
        if (answers.answers().isEmpty()) {
            throw new PenstockException(
                    ErrorCode.SHARD_UNAVAILABLE,
                    "None of the shards of the vector index can answer now. Try again in a few seconds;"
                            + " GET /api/topologies shows their state.");
        }
        List<Candidate> candidates = answers.values().stream()
                .flatMap(hits -> hits.candidates().stream())
                .toList();
        List<Ranked> ranked = fusion.rank(request.mode(), request.fusion(), candidates);
        int stale = stale(answers);
        int renewing =
                answers.values().stream().mapToInt(ShardHits::ofOtherModels).sum();
        int answered = answers.answers().size();
        int asked = Math.max(partitions, answered);
        List<SearchHit> hits = new ArrayList<>();
        Set<Integer> gone = new TreeSet<>();
        // What may not be shown makes room for the next ones, of which twice as many are fetched each time.
        int from = 0;
        for (int wanted = request.k(); hits.size() < request.k() && from < ranked.size(); wanted *= 2) {
            List<Ranked> next = ranked.subList(from, Math.min(ranked.size(), from + wanted));
            from += next.size();
            ChunkLookup lookup = lookup(next, answers);
            ShardAnswers<Map<String, Chunk>> passages =
                    session.ask(lookup, Map.of(), lookup.ids().keySet());
            gone.addAll(passages.missing(lookup.ids().keySet()));
            hits.addAll(hits(next, passages.values()));
        }
        // A shard that went away between the rounds has not answered: its passages are missing.
        return new SearchResult(
                List.copyOf(hits.subList(0, Math.min(hits.size(), request.k()))),
                asked,
                answered - gone.size(),
                stale,
                renewing);
    }

    /** Only those that have not answered: the others need not search twice. */
    private static <R> ShardAnswers<R> askAgain(
            Shards.Session session, IndexQuery<R> query, Map<Integer, Long> position, ShardAnswers<R> before) {
        Set<Integer> missing = before.missing(session.all());
        missing.addAll(before.missing(position.keySet()));
        try {
            return session.ask(query, position, missing);
        } catch (PenstockException e) {
            if (e.code() == ErrorCode.SHARD_UNAVAILABLE) { // perhaps the next time
                return new ShardAnswers<>(Map.of(), Set.of(), Set.of());
            }
            throw e;
        }
    }

    /** Each passage from the shard that found it. */
    private static ChunkLookup lookup(List<Ranked> best, ShardAnswers<ShardHits> answers) {
        Set<String> ids = new HashSet<>();
        best.forEach(ranked -> ids.add(ranked.candidate().id()));
        Map<Integer, Set<String>> byPartition = new HashMap<>();
        answers.answers().forEach((partition, hits) -> {
            for (Candidate candidate : hits.candidates()) {
                if (ids.contains(candidate.id())) {
                    byPartition
                            .computeIfAbsent(partition, first -> new HashSet<>())
                            .add(candidate.id());
                }
            }
        });
        return new ChunkLookup(byPartition);
    }

    private static PenstockException behind(SearchRequest request, ShardAnswers<ShardHits> answers) {
        Set<Integer> waited = answers.missing(request.position().keySet());
        return new PenstockException(
                ErrorCode.NOT_READY,
                "The vector index has not reached what was asked for within "
                        + request.patience().toMillis() + " ms: partitions " + waited
                        + (answers.behind().isEmpty() ? " did not answer" : " are behind") + ". Ask again.");
    }

    private static int stale(ShardAnswers<ShardHits> answers) {
        Set<Integer> stale = new TreeSet<>(answers.copies());
        answers.answers().forEach((partition, hits) -> {
            if (hits.stale()) {
                stale.add(partition);
            }
        });
        return stale.size();
    }

    private List<SearchHit> hits(List<Ranked> best, Collection<Map<String, Chunk>> found) {
        Map<String, Chunk> passages = new HashMap<>();
        found.forEach(passages::putAll);
        List<SearchHit> hits = new ArrayList<>();
        for (Ranked ranked : best) {
            Chunk chunk = passages.get(ranked.candidate().id());
            if (chunk != null && shown.test(chunk)) { // else it was deleted, if only between the rounds
                hits.add(hit(ranked, chunk));
            }
        }
        return hits;
    }

    private static SearchHit hit(Ranked ranked, Chunk chunk) {
        return SearchHit.of(
                ranked.candidate().id(),
                ranked.score(),
                chunk,
                ranked.candidate().cosine());
    }

    /** The shards that are active here, and no others. */
    private record LocalSession(StreamsShards here, Set<Integer> all) implements Shards.Session {
        @Override
        public <R> ShardAnswers<R> ask(IndexQuery<R> query, Map<Integer, Long> position, Set<Integer> wanted) {
            return here.ask(query, position, wanted, StreamsShards.PATIENCE);
        }
    }
}
