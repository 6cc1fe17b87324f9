package io.penstock.answer;

import io.penstock.embedding.Embedder;
import java.time.InstantSource;

/** Builds what is configured. */
public final class Answerers {
    private Answerers() {}

    /**
     * The answerer of the settings.
     *
     * @param queries embeds questions and sentences; should be a view that goes before the embedding of documents
     * @param usage where the calls of a language model are counted
     */
    public static Answerer answerer(AnswerSettings settings, Embedder queries, ModelUsage usage, InstantSource clock) {
        return switch (settings.kind()) {
            case EXTRACTIVE -> new ExtractiveAnswerer(queries);
            case OPENAI -> new OpenAiAnswerer(languageModel(settings, usage, ModelUsage.Use.CHAT, clock));
        };
    }

    /** The analysts of the settings. Without a language model there are those that processors ask for by themselves. */
    public static Analysts analysts(AnswerSettings settings, ModelUsage usage, InstantSource clock) {
        return new ConfiguredAnalysts(settings, new ChatEndpoint(settings, clock), usage.of(ModelUsage.Use.ANALYSIS));
    }

    /** The language model of the settings, for whoever has a conversation of his own to complete. */
    public static LanguageModel languageModel(
            AnswerSettings settings, ModelUsage usage, ModelUsage.Use use, InstantSource clock) {
        return new ChatEndpoint(settings, clock).model(usage.of(use));
    }
}
