package io.penstock.chat;

/** A reply that is being streamed, as whoever listens to it sees it. May be called from any thread, and more than once. */
public interface StreamedReply {
    /**
     * The client has gone and may resume the stream within the grace period, here or on another instance. When nobody does, its call is
     * cancelled.
     */
    void clientGone();

    /** Nobody wants the reply any more: its call is cancelled at once. */
    void cancel();
}
