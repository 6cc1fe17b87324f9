package io.penstock.chat;

import io.penstock.error.PenstockException;
import io.penstock.schema.ChatReply;
import java.util.concurrent.CompletableFuture;

/** A reply that is waited for whole. */
final class AskedReply implements Awaited {
    private final CompletableFuture<ChatReply> reply = new CompletableFuture<>();

    CompletableFuture<ChatReply> reply() {
        return reply;
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
}
