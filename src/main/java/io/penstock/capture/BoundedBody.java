package io.penstock.capture;

import java.io.IOException;
import java.io.InputStream;

/** Reads what others send, up to a limit. */
final class BoundedBody {
    private BoundedBody() {}

    /** There is more than the limit. */
    static final class TooLargeException extends IOException {
        TooLargeException(int limitBytes) {
            super("more than " + limitBytes + " bytes");
        }
    }

    /** @throws TooLargeException when there is more; what is left is not read */
    static byte[] whole(InputStream in, int limitBytes) throws IOException {
        byte[] body = in.readNBytes(limitBytes + 1);
        if (body.length > limitBytes) {
            throw new TooLargeException(limitBytes);
        }
        return body;
    }
}
