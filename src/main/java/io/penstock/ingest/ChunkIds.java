package io.penstock.ingest;

/**
 * Keys on the Kafka topic {@code chunk}: {@code record id#model#text hash#n}. The record id may contain a {@code #}, the other
 * parts never do. Equal text gives equal keys, so a chunk that only moved keeps its key.
 */
public final class ChunkIds {
    private static final char SEPARATOR = '#';
    private static final int PARTS_AFTER_RECORD_ID = 3;

    private ChunkIds() {}

    /**
     * The key of a chunk.
     *
     * @param model fingerprint of the embedding model
     * @param textHash hash of what was embedded
     * @param n how many chunks with the same hash come before it in the record
     */
    public static String id(String recordId, String model, String textHash, int n) {
        return recordId + SEPARATOR + model + SEPARATOR + textHash + SEPARATOR + n;
    }

    /** The record that a chunk is part of; the key itself when it is none of ours. */
    public static String recordId(String chunkId) {
        int end = chunkId.length();
        for (int i = 0; i < PARTS_AFTER_RECORD_ID; i++) {
            end = chunkId.lastIndexOf(SEPARATOR, end - 1);
            if (end < 0) {
                return chunkId;
            }
        }
        return chunkId.substring(0, end);
    }
}
