package io.penstock.answer;

import io.penstock.schema.ChatAnswer;
import io.penstock.schema.Usage;
import java.util.List;

/**
 * Answers each question with itself, at no cost and from nothing that was collected. It is a diagnostic: the time that is left of
 * a question is that of its way, and a client that is tried out can tell whose answer it got.
 */
final class EchoAnswerer implements Answerer {
    static final String NAME = "echo";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean needsPassages() {
        return false;
    }

    @Override
    public ChatAnswer answer(Question question, ReplyListener listener) {
        listener.onCitations(List.of());
        listener.onText(question.text());
        return ChatAnswer.newBuilder()
                .setReply(question.text())
                .setAnswered(true)
                .setAnswerer(NAME)
                .setCitations(List.of())
                .setUsage(Usage.newBuilder().build())
                .build();
    }
}
