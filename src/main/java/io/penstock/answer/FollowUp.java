package io.penstock.answer;

import java.util.List;

/**
 * A question as it is meant in its conversation. One that points back ("And in 1998?", "Where did he live?") stands together with
 * the question before it, which may itself point back; any other stands alone, whatever was talked about.
 *
 * @param question as it was asked
 * @param context earlier questions that it points back to, oldest first, and of the thing that it names if it asks the same of
 *     another; empty when it stands alone
 * @param said the reply to the question before it, which is known already; empty when it stands alone
 */
public record FollowUp(String question, String context, String said) {
    /** A chain of questions that point back is followed so far. */
    private static final int MOST_TURNS = 3;

    /** UTF-16 units of the context; a question that follows a long text stands at its end. */
    private static final int MOST_CONTEXT = 500;

    /** The question as it is meant after what was said. */
    public static FollowUp of(String question, List<Question.Exchange> history) {
        StringBuilder context = new StringBuilder();
        String pointing = question;
        int first = Math.max(0, history.size() - MOST_TURNS);
        for (int i = history.size() - 1; i >= first && PointingBack.isIn(pointing); i--) {
            pointing = history.get(i).question();
            context.insert(0, pointing.strip() + " ");
        }
        return context.isEmpty()
                ? new FollowUp(question, "", "")
                : new FollowUp(
                        question,
                        ending(AnotherThing.in(context.toString().strip(), question)),
                        history.getLast().reply());
    }

    /** What to search for. */
    public String query() {
        return context.isEmpty() ? question : context + " " + question;
    }

    /** The end of a text, from the beginning of a word on. */
    private static String ending(String text) {
        if (text.length() <= MOST_CONTEXT) {
            return text;
        }
        int space = text.indexOf(' ', text.length() - MOST_CONTEXT);
        return space < 0 ? text.substring(text.length() - MOST_CONTEXT) : text.substring(space + 1);
    }
}
