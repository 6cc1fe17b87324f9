package io.penstock.answer;

/**
 * A retrieved passage.
 *
 * @param id chunk id
 * @param text exactly the substring {@code start..end} (UTF-16 units) of the record's text
 * @param score relevance; higher is better
 */
public record Passage(
        String id,
        String topic,
        String segment,
        String processor,
        String item,
        String label,
        String uri,
        String text,
        int start,
        int end,
        double score) {}
