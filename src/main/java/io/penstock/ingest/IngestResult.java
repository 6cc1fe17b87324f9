package io.penstock.ingest;

import io.penstock.schema.Inference;
import io.penstock.schema.LedgerEntry;
import java.util.List;

/** What is to be written for a record. */
sealed interface IngestResult {
    /**
     * These are its chunks now, and this says so in the ledger.
     *
     * @param renewed whether nothing came in, and the same was embedded anew; no run hears of it
     */
    record Chunked(Inference inference, List<EmbeddedChunk> chunks, LedgerEntry ledger, boolean renewed)
            implements IngestResult {}

    /** It is gone. */
    record Gone() implements IngestResult {}
}
