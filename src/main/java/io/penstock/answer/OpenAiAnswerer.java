package io.penstock.answer;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import io.penstock.answer.ChatEndpoint.Completion;
import io.penstock.schema.ChatAnswer;
import io.penstock.schema.Usage;
import io.penstock.stage.CallException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Lets a language model answer from the passages. The passages are data in escaped delimiters of the last message; the system
 * message never depends on them. Citations are the passages whose numbers the model wrote; an answer that bears none has none.
 */
public final class OpenAiAnswerer implements Answerer {
    private final ChatEndpoint endpoint;
    private final Prompt system = Prompt.load("answer-system");
    private final Prompt user = Prompt.load("answer-user");

    OpenAiAnswerer(ChatEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    @Override
    public String name() {
        return endpoint.modelName();
    }

    @Override
    public ChatAnswer answer(Question question) throws CallException, InterruptedException {
        List<Passage> passages = question.passages();
        if (passages.isEmpty()) {
            return reply(CitedReply.NOT_KNOWN, Usage.newBuilder().build());
        }
        Completion completion = endpoint.complete(messages(question));
        Usage usage = Usage.newBuilder()
                .setPassages(passages.size())
                .setPromptTokens(completion.promptTokens())
                .setCompletionTokens(completion.completionTokens())
                .build();
        return reply(CitedReply.parse(completion.text(), passages), usage);
    }

    private List<ChatMessage> messages(Question question) {
        List<ChatMessage> messages = new ArrayList<>();
        messages.add(SystemMessage.from(system.text()));
        for (Question.Exchange turn : question.history()) {
            messages.add(UserMessage.from(turn.question()));
            messages.add(AiMessage.from(turn.reply()));
        }
        messages.add(UserMessage.from(user.fill(
                Map.of("passages", passages(question.passages()), "question", Prompt.data(question.text())))));
        return messages;
    }

    private static String passages(List<Passage> passages) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < passages.size(); i++) {
            Passage passage = passages.get(i);
            text.append(i == 0 ? "" : "\n")
                    .append("<passage n=\"")
                    .append(i + 1)
                    .append("\" label=\"")
                    .append(Prompt.data(passage.label()))
                    .append("\" uri=\"")
                    .append(Prompt.data(passage.uri()))
                    .append("\">\n")
                    .append(Prompt.data(passage.text()))
                    .append("\n</passage>");
        }
        return text.toString();
    }

    private ChatAnswer reply(CitedReply reply, Usage usage) {
        return ChatAnswer.newBuilder()
                .setReply(reply.text())
                .setAnswered(reply.answered())
                .setAnswerer(name())
                .setCitations(reply.citations())
                .setUsage(usage)
                .build();
    }
}
