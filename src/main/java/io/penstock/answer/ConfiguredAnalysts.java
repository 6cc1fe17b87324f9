package io.penstock.answer;

import io.penstock.answer.AnswerSettings.Kind;
import io.penstock.schema.ModelChoice;
import io.penstock.stage.Provider;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Analysts by the settings, and by what processors choose within them: whether there is an analysis at all, model and
 * temperature. Never the endpoint: a processor comes over HTTP, and must not be able to send the key elsewhere.
 */
final class ConfiguredAnalysts implements Analysts {
    /** What a processor says that wants no analysis. */
    private static final String NONE = "none";

    private final AnswerSettings settings;
    private final ChatEndpoint endpoint;
    private final AnalysisPrompt prompt;
    private final ModelUsage.Counts counts;
    private final Provider provider;

    ConfiguredAnalysts(
            AnswerSettings settings, ChatEndpoint endpoint, ModelUsage.Counts counts, AnalysisPrompt prompt) {
        this.settings = settings;
        this.endpoint = endpoint;
        this.counts = counts;
        this.prompt = prompt;
        this.provider = new Provider("llm", settings.concurrency(), 0);
    }

    @Override
    public Optional<Analyst> analyst(@Nullable ModelChoice choice) {
        return switch (kind(choice)) {
            case EXTRACTIVE, ECHO -> Optional.empty();
            case OPENAI -> {
                String model = choice == null || choice.getModel() == null ? settings.model() : choice.getModel();
                Double temperature = choice == null ? null : choice.getTemperature();
                yield Optional.of(new OpenAiAnalyst(endpoint.model(model, temperature, counts), temperature, prompt));
            }
        };
    }

    private Kind kind(@Nullable ModelChoice choice) {
        if (choice == null || choice.getKind() == null) {
            return settings.kind();
        }
        // What is not known here was written by a newer version, and is not guessed at.
        return choice.getKind().equals(NONE)
                ? Kind.EXTRACTIVE
                : Kind.named(choice.getKind()).orElse(Kind.EXTRACTIVE);
    }

    @Override
    public Provider provider() {
        return provider;
    }
}
