package io.penstock.answer;

import io.penstock.answer.LanguageModel.Completion;
import io.penstock.answer.LanguageModel.Message;
import io.penstock.answer.LanguageModel.Role;
import io.penstock.stage.CallException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Lets a language model write the analysis of a record: the prompt is the operator's, the text is data. */
final class OpenAiAnalyst implements Analyst {
    /** UTF-16 units of a text that are given to the model; the rest is cut, so that it fits the usual context windows. */
    static final int MAX_TEXT = 24_000;

    private final LanguageModel model;
    private final @Nullable Double temperature;
    private final Prompts prompts;

    /** What the model is told. */
    record Prompts(Prompt system, Prompt user) {
        static Prompts load() {
            return new Prompts(Prompt.load("analysis-system"), Prompt.load("analysis-user"));
        }
    }

    /** @param temperature that of the model, if the processor chose one */
    OpenAiAnalyst(LanguageModel model, @Nullable Double temperature, Prompts prompts) {
        this.model = model;
        this.temperature = temperature;
        this.prompts = prompts;
    }

    @Override
    public String name() {
        return model.name();
    }

    @Override
    public String fingerprint() {
        return temperature == null ? name() : name() + " at " + temperature;
    }

    @Override
    public String analyse(String prompt, String text) throws CallException, InterruptedException {
        Completion completion = model.complete(
                List.of(
                        new Message(Role.SYSTEM, prompts.system().text()),
                        new Message(
                                Role.USER,
                                prompts.user()
                                        .fill(Map.of("prompt", prompt, "document", Prompt.data(beginning(text)))))),
                piece -> {});
        return completion.cut() ? completion.text() + CitedReply.CUT : completion.text();
    }

    private static String beginning(String text) {
        if (text.length() <= MAX_TEXT) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(MAX_TEXT - 1)) ? MAX_TEXT - 1 : MAX_TEXT;
        return text.substring(0, end);
    }
}
