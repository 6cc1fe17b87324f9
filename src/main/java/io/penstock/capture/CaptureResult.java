package io.penstock.capture;

import io.penstock.schema.CaptureTask;
import io.penstock.schema.StoredResponse;
import java.time.Instant;
import java.util.List;

/** How a capture ended, if it did not fail. */
sealed interface CaptureResult {
    CaptureTask task();

    /** @param responses what to ask for conditionally the next time */
    record Captured(CaptureTask task, List<Item> items, List<StoredResponse> responses, Instant at)
            implements CaptureResult {}

    /**
     * @param recordId key of the record
     * @param raw the encoded record for {@code raw.<topic>}
     */
    record Item(String recordId, byte[] raw) {}

    /** No capture: the items that were not seen any more are to be deleted. */
    record Swept(CaptureTask task) implements CaptureResult {}

    /** Its run was cancelled before. */
    record Cancelled(CaptureTask task) implements CaptureResult {}

    /** Its segment is gone, or going. */
    record Obsolete(CaptureTask task) implements CaptureResult {}
}
