package io.penstock.vector;

import io.penstock.schema.Chunk;

/**
 * A passage that was found.
 *
 * @param id chunk id
 * @param score what the mode ranks by: the cosine (dense), BM25 (lexical), or their fusion, 0 to 1 (hybrid); higher is better
 * @param text exactly the substring {@code start..end} (UTF-16 units) of the record's text
 * @param cosine similarity of question and passage, -1 to 1, whatever the mode
 */
public record SearchHit(
        String id,
        double score,
        String topic,
        String segment,
        String processor,
        String item,
        String label,
        String uri,
        String text,
        int start,
        int end,
        double cosine) {

    /** A chunk as a hit. */
    public static SearchHit of(String id, double score, Chunk chunk, double cosine) {
        return new SearchHit(
                id,
                score,
                chunk.getTopic(),
                chunk.getSegment(),
                chunk.getProcessor(),
                chunk.getItem(),
                chunk.getLabel(),
                chunk.getUri(),
                chunk.getText(),
                chunk.getStart(),
                chunk.getEnd(),
                cosine);
    }

    /** The same passage, ranked by another score. */
    public SearchHit scored(double newScore) {
        return new SearchHit(id, newScore, topic, segment, processor, item, label, uri, text, start, end, cosine);
    }
}
