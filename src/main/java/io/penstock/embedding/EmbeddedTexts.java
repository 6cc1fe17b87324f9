package io.penstock.embedding;

import java.util.List;

/**
 * What became of texts.
 *
 * @param vectors {@code float[model.dimension()]} of unit length for each text, in their order
 * @param tokens of all texts, the special ones included
 */
public record EmbeddedTexts(EmbeddingModel model, List<float[]> vectors, int tokens) {
    public EmbeddedTexts {
        vectors = List.copyOf(vectors);
    }
}
