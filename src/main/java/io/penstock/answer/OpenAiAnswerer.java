package io.penstock.answer;

import io.penstock.answer.LanguageModel.Completion;
import io.penstock.schema.ChatAnswer;
import io.penstock.schema.Usage;
import io.penstock.stage.CallException;
import java.util.List;

/**
 * Lets a language model answer from the passages. Citations are the passages whose numbers the model wrote; an answer that bears
 * none has none.
 */
final class OpenAiAnswerer implements Answerer {
    private final LanguageModel model;
    private final Prompts prompts;

    OpenAiAnswerer(LanguageModel model, Prompts prompts) {
        this.model = model;
        this.prompts = prompts;
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
        Completion completion = new HiddenReasoning(model, question.reasoning())
                .complete(prompts.answer(question.reasoning()).messages(question), stream::write);
        Usage usage = Usage.newBuilder()
                .setPassages(passages.size())
                .setPromptTokens(completion.promptTokens())
                .setCompletionTokens(completion.completionTokens())
                .build();
        CitedReply written = CitedReply.parse(completion.text(), passages);
        CitedReply reply = completion.cut() ? written.cut() : written;
        stream.end(reply.text());
        ChatAnswer answer = reply(reply, usage);
        answer.setCut(completion.cut() && reply.answered());
        return answer;
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
