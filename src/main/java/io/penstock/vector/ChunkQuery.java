package io.penstock.vector;

import java.time.Duration;

/**
 * Asks a shard for its best chunks by cosine and by BM25. The lists stay raw, so that they can be fused over all shards.
 *
 * @param mode which lists are wanted
 * @param vector the embedded question, unit length
 * @param model fingerprint of the model that embedded it; chunks of other models are found by their words alone
 * @param text the question
 * @param candidates length of each list; HNSW finds better what it is asked for more of
 * @param wanted hits that are wanted in the end: without a fusion the answer has no more
 * @param corpus statistics of the whole collection; with {@link CorpusStatistics#EMPTY} the shard uses its own
 * @param patience how long the shard may take; one that takes longer has not answered
 */
public record ChunkQuery(
        SearchMode mode,
        float[] vector,
        String model,
        String text,
        int candidates,
        int wanted,
        ChunkFilter filter,
        CorpusStatistics corpus,
        Duration patience)
        implements IndexQuery<ShardHits> {
    public static final int CANDIDATES = 100;

    @Override
    public boolean takesLittle() {
        return false;
    }
}
