package io.penstock.embedding;

import java.util.List;
import java.util.Optional;

/**
 * Embeds what callers from outside send, here or on an instance that has the model. May be called from any thread; blocks while
 * the model computes.
 */
public interface Embeddings {
    /** Texts of one call; as many as OpenAI takes. */
    int MAX_TEXTS = 2_048;

    /** Tokens of all texts of one call; as many as OpenAI takes. */
    int MAX_TOKENS = 300_000;

    /** Which model embeds; empty when no instance that is running tells. */
    Optional<EmbeddingModel> model();

    /**
     * Embeds texts whole: one that is longer than the model takes is refused, and not cut.
     *
     * @throws io.penstock.error.PenstockException {@code parameter.invalid} when a text is empty or too long, or there are too many;
     *     {@code busy} when too much is asked at once; {@code not-ready} when no instance with the model answers
     */
    EmbeddedTexts embed(List<String> texts) throws InterruptedException;
}
