package io.penstock.ingest;

import java.util.List;

/**
 * A text in chunks.
 *
 * @param context label and title of the item, ending in a line break; empty when it has neither
 * @param chunks in the order of the text; a blank text has none
 */
public record ChunkedText(String context, List<TextChunk> chunks) {
    /** What is embedded for a chunk: a passage that does not name its item or its subject is found by them nevertheless. */
    public String embedded(TextChunk chunk) {
        return chunk.heading().isEmpty() ? context + chunk.text() : context + chunk.heading() + "\n" + chunk.text();
    }
}
