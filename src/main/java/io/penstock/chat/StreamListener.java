package io.penstock.chat;

import io.penstock.error.PenstockException;
import io.penstock.schema.ChatReply;
import io.penstock.schema.Citation;
import java.util.List;

/**
 * Hears a reply while it is made.
 *
 * <pre>
 * onStart ( onCitations | onText | onReset )* ( onDone | onError )
 * </pre>
 *
 * <p>{@code onError} alone comes when the request could not be sent, or there is nothing to resume. After {@link
 * StreamedReply#clientGone()} and {@link StreamedReply#cancel()} nothing more is said.
 *
 * <p>Threading: called by threads of the bridge, one at a time and in order. A listener must not block, since it would hold up every
 * other reply.
 */
public interface StreamListener {
    /**
     * The request is on its way, or the stream was found and goes on.
     *
     * @param id where the stream can be resumed from before anything else was said
     */
    void onStart(EventId id);

    /** Everything that the text may cite, by its numbers. Said again when the reply is made anew, and after a resumption. */
    void onCitations(List<Citation> citations);

    /**
     * The text goes on.
     *
     * @param id where the stream can be resumed from once this text is passed on
     */
    void onText(String text, EventId id);

    /** The reply is made anew: what was said of its text and citations is to be forgotten. */
    void onReset(int attempt);

    /**
     * The end: all text was passed on.
     *
     * @param reply whose answer is whole
     * @param id where resuming gives this end again
     */
    void onDone(ChatReply reply, EventId id);

    /**
     * There is no reply; {@link ChatTimeoutException} when it did not come in time, {@link StreamBrokenException} when it may come
     * yet and the stream can be resumed.
     */
    void onError(PenstockException error);

    /** Whether whoever listens can resume a stream that broke. */
    default boolean canResume() {
        return true;
    }
}
