package io.penstock.vector;

import io.penstock.kafka.Topics;
import java.time.Duration;

/**
 * How the index is kept.
 *
 * @param model fingerprint of the active embedding model; recorded with each commit
 * @param sourceTopic the Kafka topic that is the store's changelog; its offsets are the store's position
 * @param refreshInterval how old a plain search's view may be while chunks arrive
 * @param completedWait how long a search waits for items that were reported as indexed but are not in its view yet
 * @param commitInterval Lucene commits are at least this far apart, but for the one at close
 * @param tombstoneRetention an index that has not been in touch with its topic for this long has missed deletions for good
 * @param ramBufferMiB memory for chunks that are not written to a segment yet
 * @param analyzer name of the analysis that makes terms of text; an index of another one is rebuilt
 */
public record VectorIndexSettings(
        String model,
        String sourceTopic,
        Duration refreshInterval,
        Duration completedWait,
        Duration commitInterval,
        Duration tombstoneRetention,
        int ramBufferMiB,
        String analyzer) {

    /** The defaults: 1 s, 500 ms, 5 s, 7 days, 32 MiB. */
    public static VectorIndexSettings forModel(String model) {
        return new VectorIndexSettings(
                model,
                Topics.CHUNK,
                Duration.ofSeconds(1),
                Duration.ofMillis(500),
                Duration.ofSeconds(5),
                Duration.ofDays(7),
                32,
                TextAnalysis.ENGLISH);
    }

    public VectorIndexSettings withAnalyzer(String name) {
        return new VectorIndexSettings(
                model,
                sourceTopic,
                refreshInterval,
                completedWait,
                commitInterval,
                tombstoneRetention,
                ramBufferMiB,
                TextAnalysis.require(name));
    }
}
