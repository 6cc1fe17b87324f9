package io.penstock.chat;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.time.Duration;

/** There was no reply in time; a late one becomes a turn of the conversation, if it was to be remembered. */
public final class ChatTimeoutException extends PenstockException {
    private final String requestId;
    private final String sessionId;

    private ChatTimeoutException(String detail, String requestId, String sessionId) {
        super(ErrorCode.CHAT_TIMEOUT, detail);
        this.requestId = requestId;
        this.sessionId = sessionId;
    }

    static ChatTimeoutException after(Duration patience, String requestId, String sessionId) {
        return new ChatTimeoutException(
                "There was no answer within " + patience.toSeconds() + " s; the request is " + requestId + ".",
                requestId,
                sessionId);
    }

    public String requestId() {
        return requestId;
    }

    /** Empty when a stream was resumed and nothing was read that names its conversation. */
    public String sessionId() {
        return sessionId;
    }
}
