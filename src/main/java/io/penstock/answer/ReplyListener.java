package io.penstock.answer;

import io.penstock.schema.Citation;
import java.util.List;

/**
 * Told a reply while it is made: first what it may cite, then its text. Called on the thread that makes the reply; what it throws
 * ends the making.
 */
public interface ReplyListener {
    /** Tells nobody. */
    ReplyListener NOBODY = new ReplyListener() {
        @Override
        public void onCitations(List<Citation> citations) {}

        @Override
        public void onText(String piece) {}
    };

    /** Everything that the reply may cite, by the numbers that its text will bear. Called once, before any text. */
    void onCitations(List<Citation> citations);

    /** The next piece of the text. Joined, the pieces are the reply; after a failure they are not. */
    void onText(String piece);
}
