package io.penstock.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.KafkaSettings;
import io.penstock.schema.Inference;
import io.penstock.schema.LedgerChunk;
import io.penstock.schema.LedgerEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes and reads ledger entries. */
final class Ledger {
    /**
     * The vectors of one entry take no more than this, so that the entry stays well below the 8 MiB that a record may have. Chunks
     * beyond (of a text of more than 2 million characters) have no vector in the ledger and are embedded anew each time.
     */
    static final int MAX_VECTOR_BYTES = 4 << 20;

    private static final ByteBuffer NO_VECTOR = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private Ledger() {}

    /**
     * The entry of a record as the ledger can keep it: without any vector when there are so many chunks that there is no room for
     * them.
     *
     * @throws PenstockException {@code record.too-large} when there are too many chunks even so
     */
    static LedgerEntry entryThatFits(String recordId, Inference inference, String model, List<EmbeddedChunk> chunks) {
        LedgerEntry entry = entry(inference, model, chunks, MAX_VECTOR_BYTES);
        if (bytes(recordId, entry) > KafkaSettings.MAX_RECORD_BYTES) {
            entry = entry(inference, model, chunks, 0);
        }
        if (bytes(recordId, entry) > KafkaSettings.MAX_RECORD_BYTES) {
            throw new PenstockException(
                    ErrorCode.RECORD_TOO_LARGE,
                    recordId + " makes " + chunks.size() + " chunks, more than the ledger can keep of one record. "
                            + "Capture smaller parts of it.");
        }
        return entry;
    }

    private static long bytes(String recordId, LedgerEntry entry) {
        try {
            return (long) entry.toByteBuffer().remaining() + recordId.getBytes(UTF_8).length;
        } catch (IOException e) {
            throw new UncheckedIOException(e); // in memory: there is no device that could fail
        }
    }

    static LedgerEntry entry(Inference inference, String model, List<EmbeddedChunk> chunks, int maxVectorBytes) {
        List<LedgerChunk> entries = new ArrayList<>(chunks.size());
        int vectorBytes = 0;
        for (EmbeddedChunk chunk : chunks) {
            ByteBuffer vector = chunk.chunk().getEmbedding();
            vectorBytes += vector.remaining();
            entries.add(LedgerChunk.newBuilder()
                    .setId(chunk.id())
                    .setTextHash(chunk.textHash())
                    .setStart(chunk.chunk().getStart())
                    .setEnd(chunk.chunk().getEnd())
                    .setOrdinal(chunk.chunk().getOrdinal())
                    .setContentHash(chunk.contentHash())
                    .setEmbedding(vectorBytes > maxVectorBytes ? NO_VECTOR.duplicate() : vector.duplicate())
                    .build());
        }
        return LedgerEntry.newBuilder()
                .setTopic(inference.getTopic())
                .setSegment(inference.getSegment())
                .setIncarnation(inference.getIncarnation())
                .setModel(model)
                .setChunks(entries)
                .build();
    }

    /** The vectors of a model by the hash of what was embedded. */
    static Map<String, ByteBuffer> vectors(@Nullable LedgerEntry entry, String model) {
        Map<String, ByteBuffer> vectors = new HashMap<>();
        if (entry != null && entry.getModel().equals(model)) {
            for (LedgerChunk chunk : entry.getChunks()) {
                if (chunk.getEmbedding().hasRemaining()) {
                    vectors.put(chunk.getTextHash(), chunk.getEmbedding());
                }
            }
        }
        return vectors;
    }

    /** The chunks of the text as it was, if they were made for this model. */
    static List<FormerChunk> chunks(@Nullable LedgerEntry entry, String model) {
        if (entry == null || !entry.getModel().equals(model)) {
            return List.of();
        }
        return entry.getChunks().stream()
                .map(chunk -> new FormerChunk(chunk.getStart(), chunk.getEnd(), chunk.getTextHash()))
                .toList();
    }

    /** Content hashes by chunk id, in the order of the text. */
    static Map<String, String> contents(@Nullable LedgerEntry entry) {
        Map<String, String> contents = new LinkedHashMap<>();
        if (entry != null) {
            entry.getChunks().forEach(chunk -> contents.put(chunk.getId(), chunk.getContentHash()));
        }
        return contents;
    }
}
