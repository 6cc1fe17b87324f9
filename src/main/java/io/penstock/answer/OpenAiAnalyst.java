package io.penstock.answer;

import io.penstock.answer.LanguageModel.Completion;
import io.penstock.stage.CallException;
import org.jspecify.annotations.Nullable;

/** Lets a language model write the analysis of a record: the instructions are the operator's, the text is data. */
final class OpenAiAnalyst implements Analyst {
    /** UTF-16 units of a text that are given to the model; the rest is cut, so that it fits the usual context windows. */
    static final int MAX_TEXT = 24_000;

    private final LanguageModel model;
    private final @Nullable Double temperature;
    private final AnalysisPrompt prompt;

    /** @param temperature that of the model, if the processor chose one */
    OpenAiAnalyst(LanguageModel model, @Nullable Double temperature, AnalysisPrompt prompt) {
        this.model = new HiddenReasoning(model, Reasoning.DIRECT);
        this.temperature = temperature;
        this.prompt = prompt;
    }

    @Override
    public String name() {
        return model.name();
    }

    @Override
    public String fingerprint() {
        String chosen = temperature == null ? name() : name() + " at " + temperature;
        return prompt.print().isEmpty() ? chosen : chosen + " by " + prompt.print();
    }

    @Override
    public String analyse(String instructions, String text) throws CallException, InterruptedException {
        Completion completion = model.complete(prompt.messages(instructions, beginning(text)), piece -> {});
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
