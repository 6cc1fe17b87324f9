package io.penstock.chat;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import org.jspecify.annotations.Nullable;

/** The stream cannot go on here, but the reply is made all the same: the stream can be resumed, perhaps on another instance. */
public final class StreamBrokenException extends PenstockException {
    StreamBrokenException(String detail, @Nullable Throwable cause) {
        super(ErrorCode.NOT_READY, detail, cause);
    }

    static StreamBrokenException stopping() {
        return new StreamBrokenException("Penstock is stopping; ask again when it is back.", null);
    }
}
