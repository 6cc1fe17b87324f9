package io.penstock.chat;

import io.penstock.error.PenstockException;
import io.penstock.schema.ChatReply;
import io.penstock.schema.ChatRequest;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * A reply that is waited for whole.
 *
 * <p>Threading: may be called from any thread.
 */
final class AskedReply implements Awaited {
    private final ChatRequest request;
    private final int partition;
    private final Duration patience;
    private final StreamedCall.Host host;
    private final CompletableFuture<ChatReply> reply = new CompletableFuture<>();

    /** @param partition that the request names */
    AskedReply(ChatRequest request, int partition, Duration patience, StreamedCall.Host host) {
        this.request = request;
        this.partition = partition;
        this.patience = patience;
        this.host = host;
    }

    CompletableFuture<ChatReply> reply() {
        return reply;
    }

    /** Whether a late reply can be read in the conversation. */
    private boolean becomesTurn() {
        return request.getRemember() && !request.getForget();
    }

    @Override
    public void read(ChatReply record, long offset) {
        if (record.getLast() && !record.getTakenOver()) {
            reply.complete(record);
        }
    }

    @Override
    public void fail(PenstockException why) {
        reply.completeExceptionally(why);
    }

    /** Whoever asks again would have the question answered twice: so it is said where the answer will be, or the call is cancelled. */
    @Override
    public void stop() {
        if (becomesTurn()) {
            fail(ChatTimeoutException.stopping(request.getRequestId(), request.getSessionId()));
        } else if (reply.completeExceptionally(StreamBrokenException.stopping())) {
            cancelUnlessOrder();
        }
    }

    /** The time is over. */
    void expire() {
        ChatTimeoutException late =
                ChatTimeoutException.after(patience, request.getRequestId(), request.getSessionId(), becomesTurn());
        if (reply.completeExceptionally(late)) {
            host.timedOut();
            if (!becomesTurn()) {
                cancelUnlessOrder(); // nobody could read a late reply
            }
        }
    }

    private void cancelUnlessOrder() {
        if (!request.getForget()) {
            host.cancelCall(request.getRequestId(), request.getSessionId(), partition);
        }
    }
}
