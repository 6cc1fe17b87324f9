package io.penstock.cli;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A stream that closes itself when nothing came for so long that the other side must have gone without a word, or when the time for
 * the whole is over. Whoever reads from it sees it break.
 */
final class StreamWatch extends FilterInputStream {
    private final Duration silence;
    private final Deadline deadline;
    private volatile long heardAt = System.nanoTime();
    private volatile boolean closed;

    /** @param silence how long nothing may come */
    StreamWatch(InputStream stream, Duration silence, Deadline deadline) {
        super(stream);
        this.silence = silence;
        this.deadline = deadline;
        lookIn(silence);
    }

    @Override
    public int read() throws IOException {
        int octet = super.read();
        heardAt = System.nanoTime();
        return octet;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int count = super.read(bytes, offset, length);
        heardAt = System.nanoTime();
        return count;
    }

    @Override
    public void close() throws IOException {
        closed = true;
        super.close();
    }

    private void lookIn(Duration longest) {
        Duration left = deadline.left();
        long millis = Math.max(1, (left.compareTo(longest) < 0 ? left : longest).toMillis());
        CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS).execute(this::look);
    }

    private void look() {
        if (closed) {
            return;
        }
        Duration quiet = Duration.ofNanos(System.nanoTime() - heardAt);
        if (quiet.compareTo(silence) < 0 && !deadline.isOver()) {
            lookIn(silence.minus(quiet));
            return;
        }
        try {
            close();
        } catch (IOException e) {
            // Whoever reads notices all the same.
        }
    }
}
