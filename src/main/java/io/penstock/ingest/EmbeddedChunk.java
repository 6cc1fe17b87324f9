package io.penstock.ingest;

import io.penstock.schema.Chunk;

/**
 * A chunk that is ready to be written.
 *
 * @param id key on the Kafka topic {@code chunk}
 * @param textHash hash of what was embedded
 * @param contentHash hash of the chunk record; equal means there is nothing to write
 */
record EmbeddedChunk(String id, String textHash, String contentHash, Chunk chunk) {}
