package io.penstock.chat;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;

/** There was no reply in time; a late one becomes a turn of the conversation, if it was to be remembered. */
public final class ChatTimeoutException extends PenstockException {
    private final String requestId;
    private final String sessionId;

    ChatTimeoutException(String detail, String requestId, String sessionId) {
        super(ErrorCode.CHAT_TIMEOUT, detail);
        this.requestId = requestId;
        this.sessionId = sessionId;
    }

    public String requestId() {
        return requestId;
    }

    /** Empty when a stream was resumed and nothing was read that names its conversation. */
    public String sessionId() {
        return sessionId;
    }
}
