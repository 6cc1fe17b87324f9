package io.penstock.concurrency;

import org.jetbrains.lincheck.datastructures.Operation;

/** A counter that loses updates, to show that such a fault is found. */
public final class LostUpdates {
    private int count;

    @Operation
    public int increment() {
        count = count + 1;
        return count;
    }
}
