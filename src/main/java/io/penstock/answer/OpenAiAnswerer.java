package io.penstock.answer;

import io.penstock.answer.LanguageModel.Completion;
import io.penstock.answer.LanguageModel.Message;
import io.penstock.answer.LanguageModel.Role;
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
final class OpenAiAnswerer implements Answerer {
    private final LanguageModel model;
    private final Prompt system = Prompt.load("answer-system");
    private final Prompt user = Prompt.load("answer-user");

    OpenAiAnswerer(LanguageModel model) {
        this.model = model;
    }

    @Override
    public String name() {
        return model.name();
    }

    @Override
    public ChatAnswer answer(Question question, ReplyListener listener) throws CallException, InterruptedException {
        List<Passage> passages = question.passages();
        listener.onCitations(Citations.of(passages));
        ReplyStream stream = new ReplyStream(passages, listener);
        if (passages.isEmpty()) {
            stream.end(CitedReply.NOT_KNOWN.text());
            return reply(CitedReply.NOT_KNOWN, Usage.newBuilder().build());
        }
        Completion completion = model.complete(messages(question), stream::write);
        Usage usage = Usage.newBuilder()
                .setPassages(passages.size())
                .setPromptTokens(completion.promptTokens())
                .setCompletionTokens(completion.completionTokens())
                .build();
        CitedReply written = CitedReply.parse(completion.text(), passages);
        CitedReply reply = completion.cut() ? written.cut() : written;
        stream.end(reply.text());
        return reply(reply, usage);
    }

    private List<Message> messages(Question question) {
        List<Message> messages = new ArrayList<>();
        messages.add(new Message(Role.SYSTEM, system.text()));
        for (Question.Exchange turn : question.history()) {
            messages.add(new Message(Role.USER, turn.question()));
            messages.add(new Message(Role.ASSISTANT, turn.reply()));
        }
        messages.add(new Message(
                Role.USER,
                user.fill(
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
