package io.penstock.chat;

import io.penstock.schema.ChatReply;
import io.penstock.schema.ChatRequest;

/** What becomes of a request that does not fail. */
sealed interface ChatResult {
    /** A reply and the request it answers. */
    record Answered(ChatRequest request, ChatReply reply) implements ChatResult {}

    /** It is the request's turn in its session, which is to be forgotten. */
    record Forget(ChatRequest request) implements ChatResult {}
}
