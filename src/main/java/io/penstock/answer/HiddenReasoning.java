package io.penstock.answer;

import io.penstock.error.ErrorCode;
import io.penstock.stage.CallException;
import java.util.List;
import java.util.function.Consumer;

/**
 * A language model whose reasoning is kept from its completions, and from whoever reads along.
 *
 * @param told whether the model is told to reason
 */
record HiddenReasoning(LanguageModel model, Reasoning told) implements LanguageModel {
    @Override
    public String name() {
        return model.name();
    }

    @Override
    public Completion complete(List<Message> messages, Consumer<String> onText)
            throws CallException, InterruptedException {
        ReasoningFilter filter = new ReasoningFilter(told, onText);
        Completion written = model.complete(messages, filter::write);
        filter.end();
        String reply = ReasoningFilter.reply(told, written.text());
        if (reply.isEmpty()) {
            throw nothingElse(written);
        }
        return new Completion(reply, written.promptTokens(), written.completionTokens(), written.cut());
    }

    private CallException nothingElse(Completion written) {
        return written.cut()
                ? CallException.permanent(
                        ErrorCode.LLM_FAILED.code(),
                        "The language model " + name()
                                + " used up its tokens while it reasoned: let it write more, or ask"
                                + " for a direct answer.")
                : CallException.retryable(
                        ErrorCode.LLM_FAILED.code(),
                        "The language model " + name() + " wrote its reasoning and nothing else.",
                        null);
    }
}
