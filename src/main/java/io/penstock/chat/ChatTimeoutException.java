package io.penstock.chat;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.time.Duration;

/** There was no reply in time; a late one becomes a turn of the conversation, if it was to be remembered. */
public final class ChatTimeoutException extends PenstockException {
    private final String requestId;
    private final String sessionId;
    private final boolean becomesTurn;

    private ChatTimeoutException(String detail, String requestId, String sessionId, boolean becomesTurn) {
        super(ErrorCode.CHAT_TIMEOUT, detail);
        this.requestId = requestId;
        this.sessionId = sessionId;
        this.becomesTurn = becomesTurn;
    }

    /** @param becomesTurn whether a late reply will be one of the conversation */
    public static ChatTimeoutException after(
            Duration patience, String requestId, String sessionId, boolean becomesTurn) {
        return new ChatTimeoutException(
                "There was no answer within " + patience.toSeconds() + " s; the request is " + requestId + ".",
                requestId,
                sessionId,
                becomesTurn);
    }

    /** Nobody waits any more for a reply that will become a turn. */
    static ChatTimeoutException stopping(String requestId, String sessionId) {
        return new ChatTimeoutException(
                "Penstock is stopping here and there was no answer yet; it comes all the same, and the request is "
                        + requestId + ". Asked again, the question would be answered twice.",
                requestId,
                sessionId,
                true);
    }

    public String requestId() {
        return requestId;
    }

    /** Empty when a stream was resumed and nothing was read that names its conversation. */
    public String sessionId() {
        return sessionId;
    }

    /** Whether a late reply becomes a turn of the conversation. */
    public boolean becomesTurn() {
        return becomesTurn;
    }
}
