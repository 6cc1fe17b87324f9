package io.penstock.ingest;

import io.penstock.schema.Inference;
import java.util.List;

/** What is to be written for a record. */
sealed interface IngestResult {
    /** These are its chunks now. */
    record Chunked(Inference inference, String model, List<EmbeddedChunk> chunks) implements IngestResult {}

    /** It is gone. */
    record Gone() implements IngestResult {}
}
