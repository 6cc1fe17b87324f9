package io.penstock.vector;

import io.penstock.embedding.Vectors;
import io.penstock.schema.Chunk;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What must hold of a chunk for the index to take it. */
final class ChunkRules {
    /** The most that one HNSW field takes. */
    static final int MAX_DIMENSION = 1024;

    /** Lucene refuses terms above 32,766 bytes; a UTF-16 unit has three at most. */
    private static final int MAX_TERM_UNITS = 10_000;

    private static final double UNIT_TOLERANCE = 0.01;

    private ChunkRules() {}

    /** What is wrong with a chunk, for people; empty when nothing is. */
    static Optional<String> problem(String id, Chunk chunk) {
        if (id.isEmpty() || id.length() > MAX_TERM_UNITS) {
            return Optional.of(
                    "The key has " + id.length() + " characters; a chunk id has 1 to " + MAX_TERM_UNITS + ".");
        }
        List<String> terms = new ArrayList<>(chunk.getLabels());
        terms.addAll(List.of(
                chunk.getRecordId(),
                chunk.getTopic(),
                chunk.getSegment(),
                chunk.getProcessor(),
                chunk.getItem(),
                chunk.getLanguage(),
                chunk.getModel()));
        for (String term : terms) {
            if (term.length() > MAX_TERM_UNITS) {
                return Optional.of("A name or label has " + term.length() + " characters; the index takes "
                        + MAX_TERM_UNITS + ": '" + term.substring(0, 40) + "...'.");
            }
        }
        return embeddingProblem(chunk.getEmbedding());
    }

    private static Optional<String> embeddingProblem(ByteBuffer embedding) {
        int bytes = embedding.remaining();
        if (bytes == 0 || bytes % Float.BYTES != 0 || bytes > MAX_DIMENSION * Float.BYTES) {
            return Optional.of("The embedding has " + bytes + " bytes; it must be 1 to " + MAX_DIMENSION
                    + " floats of four bytes each.");
        }
        double squares = 0;
        for (float component : Vectors.decode(embedding)) {
            squares += (double) component * component;
        }
        double length = Math.sqrt(squares);
        return Math.abs(length - 1) <= UNIT_TOLERANCE
                ? Optional.empty()
                : Optional.of("The embedding has length " + length + "; it must be a unit vector.");
    }
}
