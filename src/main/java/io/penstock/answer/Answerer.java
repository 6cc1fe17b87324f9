package io.penstock.answer;

import io.penstock.schema.ChatAnswer;
import io.penstock.stage.CallException;
import java.util.function.Consumer;

/** Turns passages into an answer with citations. May be called from any thread, and may block for as long as a model takes. */
public interface Answerer {
    /** What answers: {@code extractive}, or the name of a language model. */
    String name();

    /**
     * The answer. {@code answered} is false, with no citations, when the passages hold nothing relevant.
     *
     * @throws CallException with one of the {@code llm.*} codes
     */
    ChatAnswer answer(Question question) throws CallException, InterruptedException;

    /**
     * The same, told piece by piece.
     *
     * @param onText told the reply while it is made, on the calling thread: joined, the pieces are the reply of the answer. After
     *     a failure they are not, and another attempt begins anew
     */
    default ChatAnswer answer(Question question, Consumer<String> onText) throws CallException, InterruptedException {
        ChatAnswer answer = answer(question);
        onText.accept(answer.getReply());
        return answer;
    }
}
