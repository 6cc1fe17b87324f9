package io.penstock.processor;

import io.penstock.schema.PagesConfig;
import io.penstock.schema.SourceConfig;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How long the pages of an entry take at the pace of its processor. */
public final class PageTime {
    /** So long may one entry take, all of its pages included. */
    public static final Duration LONGEST = Duration.ofMinutes(10);

    private PageTime() {}

    /**
     * What to change when the pages that a source may have do not fit: entries that run at once share the rate.
     *
     * @param rate requests per second; 0 is no limit
     * @param atOnce entries that run at once
     */
    static Optional<String> warning(@Nullable SourceConfig source, double rate, int atOnce) {
        PagesConfig pages = source == null ? null : source.getPages();
        if (pages == null || pages.getMost() == null || rate <= 0) {
            return Optional.empty();
        }
        double seconds = (double) pages.getMost() * atOnce / rate;
        return seconds <= LONGEST.toSeconds()
                ? Optional.empty()
                : Optional.of(String.format(
                        Locale.ROOT,
                        "%d pages of %d entries at once take %.0f minutes at %s requests per second, and an entry has %d:"
                                + " one that has so many pages fails. Raise api_rate_limit, lower batch_size, or take"
                                + " fewer pages.",
                        pages.getMost(),
                        atOnce,
                        Math.ceil(seconds / 60),
                        rate == Math.rint(rate) ? Long.toString((long) rate) : Double.toString(rate),
                        LONGEST.toMinutes()));
    }
}
