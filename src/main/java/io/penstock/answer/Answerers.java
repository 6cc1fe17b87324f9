package io.penstock.answer;

import io.penstock.embedding.Embedder;
import java.time.InstantSource;
import java.util.Optional;

/** Builds what is configured. */
public final class Answerers {
    private Answerers() {}

    /**
     * The answerer of the settings.
     *
     * @param queries embeds questions and sentences; should be a view that goes before the embedding of documents
     */
    public static Answerer answerer(AnswerSettings settings, Embedder queries, InstantSource clock) {
        return switch (settings.kind()) {
            case EXTRACTIVE -> new ExtractiveAnswerer(queries);
            case OPENAI -> new OpenAiAnswerer(new ChatEndpoint(settings, clock));
        };
    }

    /** The analyst of the settings: none without a language model. */
    public static Optional<Analyst> analyst(AnswerSettings settings, InstantSource clock) {
        return switch (settings.kind()) {
            case EXTRACTIVE -> Optional.empty();
            case OPENAI -> Optional.of(new OpenAiAnalyst(new ChatEndpoint(settings, clock)));
        };
    }
}
