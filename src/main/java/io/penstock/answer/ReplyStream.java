package io.penstock.answer;

import java.util.List;
import java.util.function.Consumer;

/**
 * Passes a reply on while a language model writes it. What is passed on never has to be taken back: it is held until it cannot
 * become part of a mark or of the word for "not known" any more, and its marks are numbered as those of the whole reply.
 */
final class ReplyStream {
    private final List<Passage> passages;
    private final Consumer<String> out;
    private final StringBuilder written = new StringBuilder();
    private int passedOn;

    ReplyStream(List<Passage> passages, Consumer<String> out) {
        this.passages = passages;
        this.out = out;
    }

    void write(String piece) {
        written.append(piece);
        String settled = written.substring(0, settled());
        if (!settled.isEmpty()) {
            passOn(CitedReply.parse(settled, passages).text());
        }
    }

    /** Passes on what is left of the reply. */
    void end(String reply) {
        passOn(reply);
    }

    private void passOn(String reply) {
        if (reply.length() > passedOn) {
            out.accept(reply.substring(passedOn));
            passedOn = reply.length();
        }
    }

    /** How much of what is written keeps its meaning whatever follows. */
    private int settled() {
        if (CitedReply.mayDecline(written)) {
            return 0;
        }
        int end = written.length();
        int open = end;
        while (open > 0 && isInsideMark(written.charAt(open - 1))) {
            open--;
        }
        if (open > 0 && written.charAt(open - 1) == '[') {
            end = open - 1;
        }
        while (end > 0 && Character.isWhitespace(written.charAt(end - 1))) {
            end--;
        }
        return end;
    }

    private static boolean isInsideMark(char c) {
        return (c >= '0' && c <= '9') || c == ',' || c == ';' || Character.isWhitespace(c);
    }
}
