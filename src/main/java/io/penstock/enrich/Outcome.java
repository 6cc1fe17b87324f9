package io.penstock.enrich;

import io.penstock.enrich.QualityRules.Refusal;
import org.jspecify.annotations.Nullable;

/** What the stage found out about a record. */
sealed interface Outcome {
    /** The run that the record belongs to, if any. */
    @Nullable
    String runId();

    /** The same as when it was last enriched: it went on to {@code inference} then. */
    record Unchanged(@Nullable String runId) implements Outcome {}

    /** Nothing that is worth keeping. */
    record Rejected(@Nullable String runId, Refusal refusal) implements Outcome {}

    /** It is to be no more, and to be enriched anew when it comes again. */
    record Deleted() implements Outcome {
        @Override
        public @Nullable String runId() {
            return null;
        }
    }

    /**
     * New, or not the same any more.
     *
     * @param inference the value for the Kafka topic {@code inference}, encoded
     */
    record Enriched(@Nullable String runId, byte[] inference, String incarnation, String fingerprint)
            implements Outcome {}
}
