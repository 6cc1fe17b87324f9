package io.penstock.stage;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;

/**
 * Ends of calls that wake a consumer up against its polls. Whatever they meet, no wake-up is left over once the poll has returned: it
 * would cut off a commit; and none that comes between two polls is lost.
 */
public final class PollWakerOperations {
    /** What a consumer keeps of a wake-up until it throws. */
    private final AtomicBoolean woken = new AtomicBoolean();

    private final PollWaker waker = new PollWaker(() -> woken.set(true));

    private final AtomicInteger wakes = new AtomicInteger();
    /** Wake-ups that were asked for before the last poll ended. */
    private volatile int before;

    @Operation
    public void wake() {
        wakes.incrementAndGet();
        waker.wake();
    }

    /** As the consumer does it. */
    @Operation(nonParallelGroup = "StreamThread")
    public void poll() {
        waker.begin();
        if (woken.compareAndSet(true, false)) {
            waker.thrown();
        }
        waker.end();
        if (waker.isWoken()) {
            if (!woken.compareAndSet(true, false)) {
                throw new IllegalStateException("a wake-up was announced and did not come");
            }
            waker.thrown();
        }
        before = wakes.get();
        nothingIsLeftOver();
    }

    @Validate
    public void nothingIsLeftOverAndNoWakeUpIsLost() {
        nothingIsLeftOver();
        if (wakes.get() > before) {
            boolean atOnce = waker.begin();
            waker.end();
            if (!atOnce) {
                throw new IllegalStateException("a wake-up between two polls is lost");
            }
        }
    }

    private void nothingIsLeftOver() {
        if (woken.get()) {
            throw new IllegalStateException("the next call to the consumer would be cut off");
        }
    }
}
