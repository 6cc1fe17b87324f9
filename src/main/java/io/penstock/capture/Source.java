package io.penstock.capture;

import io.penstock.stage.CallException;

/** Where content comes from. May be called from any thread, may block, and is stopped by interrupting the thread. */
@FunctionalInterface
public interface Source {
    /**
     * Everything that one entry of a data list stands for: one item, or many.
     *
     * @throws CallException with one of the {@code capture.*} codes, or {@code record.too-large}
     */
    Fetched fetch(CaptureRequest request) throws CallException, InterruptedException;
}
