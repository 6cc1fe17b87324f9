package io.penstock.chat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;

/**
 * A call that writes a reply against the timer. What is told is always a beginning of what was written, with nothing left out; what
 * is not told yet has a timer that will tell it; and after the end nothing is told any more.
 */
public final class ReplyPartsOperations {
    private final AtomicReference<@Nullable Runnable> timer = new AtomicReference<>();
    private final AtomicLong nanos = new AtomicLong();
    /** Guarded by the lock of the parts. */
    private final List<ReplyParts.Part> told = new ArrayList<>();

    private final ReplyParts reply = new ReplyParts("x", event -> told.add((ReplyParts.Part) event), new Time());
    private String written = "";
    private int toldAtEnd = -1;

    private final class Time implements PartTimer {
        @Override
        public long nanoTime() {
            return nanos.get();
        }

        @Override
        public void after(long wait, Runnable task) {
            if (!timer.compareAndSet(null, task)) {
                throw new IllegalStateException("there is a timer already");
            }
        }
    }

    @Operation(nonParallelGroup = "call")
    public void write() {
        if (toldAtEnd < 0) {
            String piece = "<" + written.length() + ">";
            written += piece;
            reply.onText(piece);
        }
    }

    @Operation(nonParallelGroup = "call")
    public void end() {
        toldAtEnd = reply.end();
    }

    @Operation(nonParallelGroup = "timer")
    public void timeIsOver() {
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        Runnable task = timer.getAndSet(null);
        if (task != null) {
            task.run();
        }
    }

    @Validate
    public void nothingIsLeftOutOrForgotten() {
        StringBuilder text = new StringBuilder();
        for (ReplyParts.Part part : told) {
            if (part.textStart() != text.length()) {
                throw new IllegalStateException("told out of order: " + told);
            }
            text.append(part.text());
        }
        if (!written.startsWith(text.toString())) {
            throw new IllegalStateException(written + " was written and told as " + text);
        }
        if (toldAtEnd >= 0 && told.size() != toldAtEnd) {
            throw new IllegalStateException("told after the end: " + told);
        }
        if (toldAtEnd < 0 && text.length() < written.length() && timer.get() == null) {
            throw new IllegalStateException("nobody will tell the rest of " + written);
        }
    }
}
