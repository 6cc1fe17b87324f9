package io.penstock.answer;

import io.penstock.schema.ChatAnswer;
import io.penstock.stage.CallException;

/** Turns passages into an answer with citations. May be called from any thread, and may block for as long as a model takes. */
public interface Answerer {
    /** What answers: {@code extractive}, {@code echo}, or the name of a language model. */
    String name();

    /** Whether it looks at passages at all; nothing is retrieved for one that does not. */
    default boolean needsPassages() {
        return true;
    }

    /**
     * The answer, and before it the same piece by piece. {@code answered} is false, with no citations, when the passages hold
     * nothing relevant.
     *
     * @param listener told the reply while it is made; the citations of the answer are among those that it is told
     * @throws CallException with one of the {@code llm.*} codes; another attempt begins anew
     */
    ChatAnswer answer(Question question, ReplyListener listener) throws CallException, InterruptedException;

    /** The answer, told to nobody else. */
    default ChatAnswer answer(Question question) throws CallException, InterruptedException {
        return answer(question, ReplyListener.NOBODY);
    }
}
