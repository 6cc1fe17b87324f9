package io.penstock.ingest;

import io.penstock.embedding.Embedder;
import io.penstock.embedding.Vectors;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.record.RecordId;
import io.penstock.schema.Chunk;
import io.penstock.schema.Inference;
import io.penstock.schema.LabelScore;
import io.penstock.schema.LedgerEntry;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the text of an inference and embeds what has no known vector. May be called from any thread; blocks while the model
 * computes.
 */
final class ChunkMaker {
    /** What each chunk repeats of its record may have so many UTF-16 units: there may be ten thousands of chunks. */
    private static final int MAX_REPEATED = 16 * 1024;

    private final Embedder embedder;
    private final Chunker chunker;
    private final IngestionCounters counters;

    ChunkMaker(Embedder embedder, Chunker chunker, IngestionCounters counters) {
        this.embedder = embedder;
        this.chunker = chunker;
        this.counters = counters;
    }

    /** Fingerprint of the model that vectors are made with. */
    String model() {
        return embedder.fingerprint();
    }

    /**
     * @param before the chunks of the record as last written, whose vectors and bounds are taken up; null when there are none
     * @throws PenstockException {@code record.too-large} when what each chunk would repeat of the record is too long
     */
    List<EmbeddedChunk> make(RecordId recordId, Inference inference, @Nullable LedgerEntry before)
            throws InterruptedException {
        String model = embedder.fingerprint();
        List<String> labels =
                inference.getLabels().stream().map(LabelScore::getName).toList();
        requireShort(recordId, inference, labels);
        ChunkedText chunked = chunker.chunk(
                inference.getLabel(), inference.getTitle(), inference.getText(), Ledger.chunks(before, model));
        List<String> textHashes = new ArrayList<>();
        Map<String, ByteBuffer> vectors = vectors(chunked, Ledger.vectors(before, model), textHashes);
        Map<String, Integer> occurrences = new HashMap<>();
        List<EmbeddedChunk> chunks = new ArrayList<>();
        for (TextChunk part : chunked.chunks()) {
            String textHash = textHashes.get(chunks.size());
            Chunk chunk = Chunk.newBuilder()
                    .setRecordId(recordId.toString())
                    .setTopic(inference.getTopic())
                    .setSegment(inference.getSegment())
                    .setProcessor(inference.getProcessor())
                    .setItem(inference.getItem())
                    .setLabel(inference.getLabel())
                    .setUri(inference.getUri())
                    .setTitle(inference.getTitle())
                    .setLanguage(inference.getLanguage())
                    .setLabels(labels)
                    .setCapturedAt(inference.getCapturedAt())
                    .setIncarnation(inference.getIncarnation())
                    .setHeading(part.heading().isEmpty() ? null : part.heading())
                    .setText(part.text())
                    .setStart(part.start())
                    .setEnd(part.end())
                    .setOrdinal(chunks.size())
                    .setEmbedding(Objects.requireNonNull(vectors.get(textHash)).duplicate())
                    .setModel(model)
                    .build();
            int n = occurrences.merge(textHash, 1, Integer::sum) - 1;
            chunks.add(new EmbeddedChunk(
                    ChunkIds.id(recordId.toString(), model, textHash, n), textHash, Hashes.of(chunk), chunk));
        }
        return chunks;
    }

    private static void requireShort(RecordId recordId, Inference inference, List<String> labels) {
        String title = inference.getTitle();
        long repeated = 2L * recordId.toString().length()
                + inference.getLabel().length()
                + inference.getUri().length()
                + (title == null ? 0 : title.length())
                + labels.stream().mapToLong(String::length).sum();
        if (repeated > MAX_REPEATED) {
            throw new PenstockException(
                    ErrorCode.RECORD_TOO_LARGE,
                    "Each chunk of " + recordId.topic() + "/" + recordId.segment()
                            + " repeats the item, label, address, title and labels " + "of its record; these have "
                            + repeated + " characters, and " + MAX_REPEATED + " are the most.");
        }
    }

    /**
     * The vectors of all chunks by the hash of what was embedded. Those that are not known are embedded together, so that a long
     * text occupies every session that is free.
     *
     * @param textHashes takes the hash of each chunk
     */
    private Map<String, ByteBuffer> vectors(ChunkedText chunked, Map<String, ByteBuffer> known, List<String> textHashes)
            throws InterruptedException {
        Map<String, String> missing = new LinkedHashMap<>();
        for (TextChunk part : chunked.chunks()) {
            String text = chunked.embedded(part);
            String textHash = Hashes.of(text);
            textHashes.add(textHash);
            if (known.containsKey(textHash) || missing.putIfAbsent(textHash, text) != null) {
                counters.countReused();
            }
        }
        Map<String, ByteBuffer> vectors = new HashMap<>(known);
        Iterator<float[]> embedded =
                embedder.embedAll(List.copyOf(missing.values())).iterator();
        for (String textHash : missing.keySet()) {
            vectors.put(textHash, Vectors.encode(embedded.next()));
            counters.countEmbedded();
        }
        return vectors;
    }
}
