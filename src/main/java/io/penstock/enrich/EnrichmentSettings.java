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
    /**
     * With the bundled model, texts and the description of a subject they are not about stay under 0.2, and fitting ones begin at
     * 0.25 (measured on 160 statements and 240 paragraphs with 16 labels). Labels of one subject that say opposite things are
     * near to each other, so both may be given.
     */
    private static final double LABEL_THRESHOLD = 0.25;

    /** 40 letters, 32 records at once, 30 s for a record, 4 attempts from 500 ms to 30 s. */
    public static final EnrichmentSettings DEFAULT = new EnrichmentSettings(
            QualityRules.DEFAULT,
            LABEL_THRESHOLD,
            32,
            Duration.ofSeconds(30),
            4,
            Duration.ofMillis(500),
            Duration.ofSeconds(30));

    public EnrichmentSettings withCallTimeout(Duration value) {
        return new EnrichmentSettings(quality, labelThreshold, maxInFlight, value, maxAttempts, backoff, maxBackoff);
    }

    public EnrichmentSettings withQuality(QualityRules value) {
        return new EnrichmentSettings(
                value, labelThreshold, maxInFlight, callTimeout, maxAttempts, backoff, maxBackoff);
    }
}
