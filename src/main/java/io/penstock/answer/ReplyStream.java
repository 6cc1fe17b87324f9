package io.penstock.answer;

import java.util.List;

/**
 * Passes a reply on while a language model writes it. What is passed on never has to be taken back: it is held until it cannot
 * become part of a mark or of the word for "not known" any more. Each piece is looked at once, however long the reply becomes.
 */
final class ReplyStream {
    private final List<Passage> passages;
    private final ReplyListener out;
    /** What the model wrote and may yet change its meaning. */
    private final StringBuilder unsettled = new StringBuilder();
    /** White space that belongs to the reply only if something follows. */
    private final StringBuilder space = new StringBuilder();

    private boolean mayDecline = true;
    private int passedOn;

    ReplyStream(List<Passage> passages, ReplyListener out) {
        this.passages = passages;
        this.out = out;
    }

    void write(String piece) {
        unsettled.append(piece);
        mayDecline = mayDecline && CitedReply.mayDecline(unsettled);
        int settled = mayDecline ? 0 : settled();
        if (settled > 0) {
            String text = CitedReply.resolve(unsettled.substring(0, settled), passages, n -> {});
            unsettled.delete(0, settled);
            passOnWithoutEnd(space.append(text));
        }
    }

    private void passOnWithoutEnd(StringBuilder text) {
        int start = 0;
        int end = text.length();
        while (end > 0 && Character.isWhitespace(text.charAt(end - 1))) {
            end--;
        }
        while (passedOn == 0 && start < end && Character.isWhitespace(text.charAt(start))) {
            start++;
        }
        passOn(text.substring(start, end));
        text.delete(0, end);
    }

    /** Passes on what is left of the reply. */
    void end(String reply) {
        passOn(reply.substring(Math.min(passedOn, reply.length())));
    }

    private void passOn(String text) {
        if (!text.isEmpty()) {
            out.onText(text);
            passedOn += text.length();
        }
    }

    /** How much of what is written keeps its meaning whatever follows. */
    private int settled() {
        int end = unsettled.length();
        int open = end;
        while (open > 0 && isInsideMark(unsettled.charAt(open - 1))) {
            open--;
        }
        if (open > 0 && unsettled.charAt(open - 1) == '[') {
            end = open - 1;
        }
        while (end > 0 && Character.isWhitespace(unsettled.charAt(end - 1))) {
            end--;
        }
        return end;
    }

    private static boolean isInsideMark(char c) {
        return (c >= '0' && c <= '9') || c == ',' || c == ';' || Character.isWhitespace(c);
    }
}
