package io.penstock.vector;

/**
 * Asks a shard how often it holds the words of a question. The sum over all shards goes with the {@link ChunkQuery}, so that
 * BM25 weighs a word alike on each shard and the scores can be merged.
 */
public record CorpusQuery(String text) implements IndexQuery<CorpusStatistics> {
    @Override
    public boolean takesLittle() {
        return false;
    }
}
