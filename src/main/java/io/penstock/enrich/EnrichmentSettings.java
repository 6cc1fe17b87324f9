package io.penstock.enrich;

import java.time.Duration;

/**
 * How enrichment works.
 *
 * @param quality which texts are worth keeping
 * @param labelThreshold least cosine similarity of a text and a label's description
 * @param maxInFlight records of one task whose models are at work at once
 * @param callTimeout deadline of all model calls of one record together
 * @param maxAttempts attempts before a record has failed for good
 * @param backoff wait before the second attempt; doubles with each one
 * @param maxBackoff longest wait
 */
public record EnrichmentSettings(
        QualityRules quality,
        double labelThreshold,
        int maxInFlight,
        Duration callTimeout,
        int maxAttempts,
        Duration backoff,
        Duration maxBackoff) {
    public static final EnrichmentSettings DEFAULT = new EnrichmentSettings(
            QualityRules.DEFAULT, 0.3, 32, Duration.ofSeconds(30), 4, Duration.ofMillis(500), Duration.ofSeconds(30));
}
