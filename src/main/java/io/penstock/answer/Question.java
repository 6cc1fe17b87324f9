package io.penstock.answer;

import java.util.List;

/**
 * A question and what was found for it.
 *
 * @param passages best first
 * @param history earlier turns of the conversation, oldest first
 */
public record Question(String text, List<Passage> passages, List<Exchange> history) {
    /** An earlier question and its reply. */
    public record Exchange(String question, String reply) {}
}
