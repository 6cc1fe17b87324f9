package io.penstock.stage;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;

/**
 * Ends of calls that wake a consumer up against its polls. Whatever they meet, no wake-up is left over once the poll has returned: it
 * would cut off a commit.
 */
public final class PollWakerOperations {
    /** What a consumer keeps of a wake-up until it throws. */
    private final AtomicBoolean woken = new AtomicBoolean();

    private final PollWaker waker = new PollWaker(() -> woken.set(true));

    @Operation
    public void wake() {
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
        nothingIsLeftOver();
    }

    @Validate
    public void nothingIsLeftOver() {
        if (woken.get()) {
            throw new IllegalStateException("the next call to the consumer would be cut off");
        }
    }
}
