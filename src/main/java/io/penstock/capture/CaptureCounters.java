package io.penstock.capture;

import java.util.concurrent.atomic.LongAdder;

/** What capture has received over HTTP since the process started. May be used from any thread. */
public final class CaptureCounters {
    private final LongAdder bytes = new LongAdder();
    private final LongAdder responses = new LongAdder();
    private final LongAdder notModified = new LongAdder();

    /** Bytes of content as they came, before decompression. */
    public long bytesReceived() {
        return bytes.sum();
    }

    /** Responses, redirects and failures among them. */
    public long responses() {
        return responses.sum();
    }

    /** Responses which said that nothing had changed. */
    public long notModified() {
        return notModified.sum();
    }

    void countResponse(int status, long contentBytes) {
        responses.increment();
        bytes.add(contentBytes);
        if (status == 304) {
            notModified.increment();
        }
    }
}
