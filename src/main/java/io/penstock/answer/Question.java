package io.penstock.answer;

import java.util.List;

/**
 * A question and what was found for it.
 *
 * @param passages best first
 * @param history earlier turns of the conversation, oldest first
 * @param reasoning which prompt a language model is given
 */
public record Question(String text, List<Passage> passages, List<Exchange> history, Reasoning reasoning) {
    /** An earlier question and its reply. */
    public record Exchange(String question, String reply) {}

    /** To be answered directly. */
    public Question(String text, List<Passage> passages, List<Exchange> history) {
        this(text, passages, history, Reasoning.DIRECT);
    }
}
