package io.penstock.capture;

import io.penstock.schema.CaptureTask;
import java.time.Instant;

/** How a capture ended, if it did not fail. */
sealed interface CaptureResult {
    CaptureTask task();

    /** @param raw the encoded record for {@code raw.<topic>} */
    record Captured(CaptureTask task, byte[] raw, Instant at) implements CaptureResult {}

    /** Its run was cancelled before. */
    record Cancelled(CaptureTask task) implements CaptureResult {}

    /** Its segment is gone, or going. */
    record Obsolete(CaptureTask task) implements CaptureResult {}
}
