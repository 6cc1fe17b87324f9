package io.penstock.http;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits, on a caller's behalf, for something that a topology will do shortly. */
final class Waiting {
    private static final Duration LOOK_EVERY = Duration.ofMillis(20);

    private Waiting() {}

    /** Returns when the condition holds or the time is over. */
    static void until(Duration patience, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
            Thread.sleep(LOOK_EVERY);
        }
    }
}
