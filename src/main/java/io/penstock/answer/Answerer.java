package io.penstock.answer;

import io.penstock.schema.ChatAnswer;
import io.penstock.stage.CallException;

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
}
