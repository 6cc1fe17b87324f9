package io.penstock.ingest;

/**
 * A passage of a text.
 *
 * @param heading the headings that it stands under, the highest first; empty when there is none
 * @param text exactly the substring {@code start..end} of the text, without white space around it
 * @param start first UTF-16 unit
 * @param end one past the last UTF-16 unit
 */
public record TextChunk(String heading, String text, int start, int end) {}
