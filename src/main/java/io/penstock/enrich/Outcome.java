package io.penstock.enrich;

import io.penstock.schema.Inference;
import org.jspecify.annotations.Nullable;

/** What the stage found out about a record. */
sealed interface Outcome {
    /** The same as when it was last enriched: it went on to {@code inference} then. */
    record Unchanged(@Nullable String runId) implements Outcome {}

    /** New, or not the same any more. */
    record Enriched(Inference inference) implements Outcome {}
}
