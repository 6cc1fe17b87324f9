package io.penstock.chat;

import io.penstock.answer.Question.Exchange;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** What an answerer is told of the conversation so far: the last turns, as many as fit. */
final class History {
    private static final String CUT = " [\u2026]";

    private History() {}

    /**
     * The newest exchanges that have so many tokens together, oldest first. One that does not fit is left out with all before it, but
     * of the very last at least the beginning is told: the question may well be about that.
     */
    static List<Exchange> newest(List<Exchange> all, int turns, int tokens) {
        Deque<Exchange> told = new ArrayDeque<>();
        int left = tokens;
        for (Exchange exchange : all.reversed()) {
            int needed = TokenEstimate.of(exchange.question()) + TokenEstimate.of(exchange.reply());
            if (told.size() == turns || (needed > left && !told.isEmpty())) {
                break;
            }
            told.addFirst(needed > left ? cut(exchange, left) : exchange);
            left -= needed;
        }
        return List.copyOf(told);
    }

    private static Exchange cut(Exchange exchange, int tokens) {
        String question = cut(exchange.question(), tokens / 2);
        return new Exchange(question, cut(exchange.reply(), Math.max(0, tokens - TokenEstimate.of(question))));
    }

    private static String cut(String text, int tokens) {
        String beginning = TokenEstimate.beginning(text, tokens);
        return beginning.length() == text.length() ? text : beginning + CUT;
    }
}
