package io.penstock.vector;

import io.penstock.cluster.Peers;
import io.penstock.embedding.Embedder;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schema.Chunk;
import io.penstock.serde.AvroSerdes;
import io.penstock.vector.HybridFusion.Ranked;
import io.penstock.vector.ShardHits.Candidate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.kafka.streams.KafkaStreams;

/**
 * Embeds the question here and asks the shards, those of other instances too, in three rounds: how often the words occur over all
 * shards, the best candidates of each, and the passages of the winners.
 */
public final class LocalRetriever implements Retriever {
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
        this(new StreamsShards(instance), embedder, partitions, shown);
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
                new ClusterShards(
                        new StreamsShards(instance), peers, new IndexWire(serdes.codec(Chunk.class)), partitions),
                embedder,
                partitions,
                shown);
    }

    LocalRetriever(Shards shards, Embedder embedder, int partitions, Predicate<Chunk> shown) {
        this.shards = shards;
        this.embedder = embedder;
        this.partitions = partitions;
        this.shown = shown;
    }

    @Override
    public SearchResult search(SearchRequest request) throws InterruptedException {
        float[] vector = embedder.embed(request.q());
        CorpusStatistics corpus = CorpusStatistics.EMPTY;
        if (request.mode() != SearchMode.DENSE) {
            for (CorpusStatistics own : shards.ask(new CorpusQuery(request.q()))) {
                corpus = corpus.plus(own);
            }
        }
        List<ShardHits> answers = shards.ask(new ChunkQuery(
                request.mode(),
                vector,
                embedder.fingerprint(),
                request.q(),
                ChunkQuery.CANDIDATES,
                ChunkFilter.of(request.topic(), request.segment()),
                corpus));
        if (answers.isEmpty()) {
            throw new PenstockException(
                    ErrorCode.SHARD_UNAVAILABLE,
                    "None of the shards of the vector index can answer now. Try again in a few seconds;"
                            + " GET /api/topologies shows their state.");
        }
        List<Candidate> candidates =
                answers.stream().flatMap(hits -> hits.candidates().stream()).toList();
        List<Ranked> best = fusion.rank(request.mode(), candidates).stream()
                .limit(request.k())
                .toList();
        int stale = (int) answers.stream().filter(ShardHits::stale).count();
        int asked = Math.max(partitions, answers.size());
        if (best.isEmpty()) {
            return new SearchResult(List.of(), asked, answers.size(), stale);
        }
        List<Map<String, Chunk>> passages = shards.ask(ChunkLookup.of(
                best.stream().map(ranked -> ranked.candidate().id()).toList()));
        // A shard that went away between the rounds has not answered: its passages are missing.
        return new SearchResult(hits(best, passages), asked, Math.min(answers.size(), passages.size()), stale);
    }

    private List<SearchHit> hits(List<Ranked> best, List<Map<String, Chunk>> found) {
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
        return new SearchHit(
                ranked.candidate().id(),
                ranked.score(),
                chunk.getTopic(),
                chunk.getSegment(),
                chunk.getProcessor(),
                chunk.getItem(),
                chunk.getLabel(),
                chunk.getUri(),
                chunk.getText(),
                chunk.getStart(),
                chunk.getEnd(),
                ranked.candidate().cosine());
    }
}
