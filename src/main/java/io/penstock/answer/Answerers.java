package io.penstock.answer;

import io.penstock.embedding.Embedder;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Builds what is configured. */
public final class Answerers {
    private static final Logger LOG = LoggerFactory.getLogger(Answerers.class);

    private Answerers() {}

    /**
     * The answerer of the settings.
     *
     * @param queries embeds questions and sentences; should be a view that goes before the embedding of documents
     * @param usage where the calls of a language model are counted
     */
    public static Answerer answerer(
            AnswerSettings settings, Prompts prompts, Embedder queries, ModelUsage usage, InstantSource clock) {
        return switch (settings.kind()) {
            case EXTRACTIVE -> new ExtractiveAnswerer(queries);
            case ECHO -> {
                LOG.warn("PENSTOCK_LLM is echo, a diagnostic: each question is answered with itself, and nothing is"
                        + " looked up.");
                yield new EchoAnswerer();
            }
            case OPENAI -> {
                if (settings.apiKey() == null) {
                    LOG.warn("PENSTOCK_LLM is openai and there is no key: every question will be refused with"
                            + " llm.unauthorized. Set OPENAI_API_KEY (any value, if the endpoint wants none).");
                }
                yield new OpenAiAnswerer(languageModel(settings, usage, ModelUsage.Use.CHAT, clock), prompts);
            }
        };
    }

    /** The same with the prompts that come with Penstock. */
    public static Answerer answerer(AnswerSettings settings, Embedder queries, ModelUsage usage, InstantSource clock) {
        return answerer(settings, Prompts.shipped(), queries, usage, clock);
    }

    /** The analysts of the settings. Without a language model there are those that processors ask for by themselves. */
    public static Analysts analysts(AnswerSettings settings, Prompts prompts, ModelUsage usage, InstantSource clock) {
        return new ConfiguredAnalysts(
                settings, new ChatEndpoint(settings, clock), usage.of(ModelUsage.Use.ANALYSIS), prompts.analysis());
    }

    /** The same with the prompts that come with Penstock. */
    public static Analysts analysts(AnswerSettings settings, ModelUsage usage, InstantSource clock) {
        return analysts(settings, Prompts.shipped(), usage, clock);
    }

    /** The language model of the settings, for whoever has a conversation of his own to complete. */
    public static LanguageModel languageModel(
            AnswerSettings settings, ModelUsage usage, ModelUsage.Use use, InstantSource clock) {
        return new ChatEndpoint(settings, clock).model(usage.of(use));
    }
}
