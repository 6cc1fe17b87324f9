package io.penstock.processor;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Waits a moment for a read-only view that may lag behind the record that refers to it. The wait is well under the transaction
 * timeout, and what was waited for in vain is not waited for again soon, so that a flood of such records does not add up.
 *
 * <p><b>Threading.</b> Belongs to one StreamThread.
 */
final class ViewPatience {
    private static final Duration LONGEST = Duration.ofMillis(500);
    private static final Duration STEP = Duration.ofMillis(10);
    private static final Duration MEMORY = Duration.ofSeconds(10);
    /** So many waits in vain within the time of the memory are enough: together they hold a StreamThread up for 3 s of 10. */
    private static final int REMEMBERED = 6;

    private final InstantSource clock;
    private final Pause pause;
    private final Map<String, Instant> inVain = new LinkedHashMap<>();

    /** Lets time pass. */
    @FunctionalInterface
    interface Pause {
        void pause(Duration duration) throws InterruptedException;
    }

    ViewPatience(InstantSource clock, Pause pause) {
        this.clock = clock;
        this.pause = pause;
    }

    /** Returns when the view shows what is expected, or when waiting longer makes no sense. */
    void await(String what, BooleanSupplier seen) {
        if (seen.getAsBoolean()) {
            return;
        }
        Instant now = clock.instant();
        inVain.values().removeIf(until -> !until.isAfter(now));
        if (inVain.containsKey(what) || inVain.size() >= REMEMBERED) {
            return;
        }
        Instant deadline = now.plus(LONGEST);
        while (clock.instant().isBefore(deadline)) {
            try {
                pause.pause(STEP);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            if (seen.getAsBoolean()) {
                return;
            }
        }
        inVain.put(what, clock.instant().plus(MEMORY));
    }
}
