package io.penstock.answer;

import io.penstock.answer.EndpointException.Kind;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer while it arrives. A read fails with an {@link EndpointException} when nothing came for too long, when the
 * time of the whole exchange is over, when the connection breaks, or when the reading thread is interrupted; closing ends the
 * exchange.
 *
 * <p><b>Threading.</b> Read and closed by one thread, filled by those of the HTTP client; what lies between is the queue.
 */
final class BodyStream extends InputStream implements HttpResponse.BodySubscriber<BodyStream> {
    /** No completion is larger, with all that the protocol wraps around each token. */
    private static final int MAX_BYTES = 16 << 20;

    private final ExchangeTime time;
    private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
    private Iterator<ByteBuffer> arrived = Collections.emptyIterator();
    private ByteBuffer current = ByteBuffer.allocate(0);
    private boolean ended;
    private int total;

    private final Object lock = new Object();
    private Flow.@Nullable Subscription subscription;
    private boolean closed;

    /** What the client says. */
    private sealed interface Signal {
        record Arrived(List<ByteBuffer> bytes) implements Signal {}

        record Ended() implements Signal {}

        record Broken(String reason) implements Signal {}
    }

    BodyStream(ExchangeTime time) {
        this.time = time;
    }

    @Override
    public CompletionStage<BodyStream> getBody() {
        return CompletableFuture.completedStage(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription newSubscription) {
        synchronized (lock) {
            subscription = newSubscription;
            if (closed) {
                newSubscription.cancel();
                return;
            }
        }
        newSubscription.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> bytes) {
        signals.add(new Signal.Arrived(bytes));
    }

    @Override
    public void onError(Throwable failure) {
        signals.add(new Signal.Broken(String.valueOf(failure.getMessage())));
    }

    @Override
    public void onComplete() {
        signals.add(new Signal.Ended());
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        while (!current.hasRemaining()) {
            if (arrived.hasNext()) {
                current = arrived.next();
            } else if (ended || !await()) {
                return -1;
            }
        }
        int taken = Math.min(length, current.remaining());
        current.get(target, offset, taken);
        total += taken;
        if (total > MAX_BYTES) {
            throw failed(Kind.TOO_LARGE, "more than " + MAX_BYTES + " bytes");
        }
        return taken;
    }

    /** Whether there is more. */
    private boolean await() {
        Signal signal;
        try {
            signal = signals.poll(time.silence().toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed(Kind.CANCELLED, "");
        }
        return switch (signal) {
            case null -> throw failed(time.silenceOver(), "");
            case Signal.Ended() -> {
                ended = true;
                yield false;
            }
            case Signal.Broken(String reason) -> throw failed(Kind.BROKEN, reason);
            case Signal.Arrived _ when time.isOver() -> throw failed(Kind.LATE, "");
            case Signal.Arrived(List<ByteBuffer> bytes) -> {
                arrived = bytes.iterator();
                more();
                yield true;
            }
        };
    }

    private void more() {
        synchronized (lock) {
            if (subscription != null && !closed) {
                subscription.request(1);
            }
        }
    }

    private EndpointException failed(Kind kind, String detail) {
        close();
        return new EndpointException(kind, detail);
    }

    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            if (subscription != null) {
                subscription.cancel();
            }
        }
        ended = true;
    }

    /** How long an exchange may go on, from now, and how long the other side may be silent in it. */
    static final class ExchangeTime {
        private final long deadlineNanos;
        private final Duration stall;

        ExchangeTime(Duration whole, Duration stall) {
            this.deadlineNanos = System.nanoTime() + whole.toNanos();
            this.stall = stall;
        }

        /** How long to wait for the next sign of the other side. */
        Duration silence() {
            Duration left = Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime()));
            return left.compareTo(stall) < 0 ? left : stall;
        }

        /** What it is when that time has passed. */
        Kind silenceOver() {
            return isOver() ? Kind.LATE : Kind.STALLED;
        }

        /** Whether the time of the whole exchange has passed. */
        boolean isOver() {
            return System.nanoTime() - deadlineNanos >= 0;
        }
    }
}
