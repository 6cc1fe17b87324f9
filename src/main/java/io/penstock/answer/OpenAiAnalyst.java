package io.penstock.answer;

import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import io.penstock.stage.CallException;
import java.util.List;
import java.util.Map;

/** Lets a language model write the analysis of a record: the prompt is the operator's, the text is data. */
public final class OpenAiAnalyst implements Analyst {
    /** UTF-16 units of a text that are given to the model; the rest is cut, so that it fits the usual context windows. */
    static final int MAX_TEXT = 24_000;

    private final ChatEndpoint endpoint;
    private final Prompt system = Prompt.load("analysis-system");
    private final Prompt user = Prompt.load("analysis-user");

    OpenAiAnalyst(ChatEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    @Override
    public String name() {
        return endpoint.modelName();
    }

    @Override
    public String analyse(String prompt, String text) throws CallException, InterruptedException {
        return endpoint.complete(List.of(
                        SystemMessage.from(system.text()),
                        UserMessage.from(user.fill(Map.of("prompt", prompt, "document", Prompt.data(cut(text)))))))
                .text();
    }

    private static String cut(String text) {
        if (text.length() <= MAX_TEXT) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(MAX_TEXT - 1)) ? MAX_TEXT - 1 : MAX_TEXT;
        return text.substring(0, end);
    }
}
