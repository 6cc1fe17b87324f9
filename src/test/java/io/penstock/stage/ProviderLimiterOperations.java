package io.penstock.stage;

import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;

/** Calls of several threads to one provider: never more at once than it allows, and each gives its place back. */
public final class ProviderLimiterOperations {
    private static final Provider ONE = new Provider("checked", 1, 0);
    private static final Provider TWO = new Provider("checked", 2, 0);

    private final ProviderLimiter limiter = new ProviderLimiter(ONE);
    private final ProviderLimiter.Claimant validator = () -> {};
    private final AtomicInteger inside = new AtomicInteger();
    private volatile int most = 1;

    @Operation
    public void call() {
        attempt(true);
    }

    /** The preparation decides that no call is needed. */
    @Operation
    public void prepareOnly() {
        attempt(false);
    }

    private void attempt(boolean made) {
        ProviderLimiter.Claimant claimant = () -> {};
        if (!limiter.tryAcquire(0, claimant)) {
            limiter.withdraw(claimant);
            return;
        }
        int now = inside.incrementAndGet();
        if (now > most) {
            throw new IllegalStateException(now + " at once, and " + most + " are allowed");
        }
        inside.decrementAndGet();
        if (made) {
            limiter.release();
        } else {
            limiter.giveBack();
        }
    }

    /** A call asks once more. */
    @Operation
    public void askAgain() {
        if (limiter.reserveStart(0) != 0) {
            throw new IllegalStateException("a wait where no pace is kept");
        }
    }

    @Operation
    public void widen() {
        most = 2;
        limiter.adopt(TWO);
    }

    @Validate
    public void everyPlaceIsFree() {
        if (limiter.use().executing() != 0) {
            throw new IllegalStateException("places that nobody holds are taken: " + limiter.use());
        }
        for (int place = 0; place < limiter.use().limits().maxConcurrent(); place++) {
            if (!limiter.tryAcquire(0, validator)) {
                throw new IllegalStateException("no place is free: " + limiter.use());
            }
        }
        if (limiter.tryAcquire(0, validator)) {
            throw new IllegalStateException("more places than there are: " + limiter.use());
        }
        limiter.withdraw(validator);
        for (int place = 0; place < limiter.use().limits().maxConcurrent(); place++) {
            limiter.release();
        }
    }
}
