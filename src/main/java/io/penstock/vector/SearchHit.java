package io.penstock.vector;

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
        double cosine) {}
