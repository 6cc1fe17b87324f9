package io.penstock.capture;

import io.penstock.processor.PageTime;
import java.time.Duration;

/**
 * How much one entry of a data list may be. All of its records are sent in one transaction, and are in memory until then.
 *
 * @param timeout longest time over HTTP, all pages included
 * @param maxPages most pages, unless the source says how many it wants
 * @param maxItems most records
 * @param maxBytes most bytes of all records, in their encoded form
 */
public record TaskLimits(Duration timeout, int maxPages, int maxItems, int maxBytes) {
    /** 10 minutes, 100 pages, 10,000 records and 16 MiB. */
    public static final TaskLimits DEFAULT = new TaskLimits(PageTime.LONGEST, 100, 10_000, 16 * 1024 * 1024);
}
