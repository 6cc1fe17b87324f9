package io.penstock.schedule;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How often something is due. Due times that were missed collapse into the latest of them. */
public sealed interface Cadence {

    /**
     * The latest time, not after {@code now}, at which something is due that was last served for {@code lastDue}; empty when
     * nothing is.
     *
     * @param lastDue the due time served last, or null for never
     * @param since since when the schedule is known
     */
    Optional<Instant> due(@Nullable Instant lastDue, Instant since, Instant now);

    /** The next time after {@code now} at which something will be due, given that nothing is now; empty when there is none. */
    Optional<Instant> next(@Nullable Instant lastDue, Instant since, Instant now);

    /** The same in UTC. */
    static Cadence parse(String text) {
        return parse(text, ZoneOffset.UTC);
    }

    /**
     * Days as a number ({@code 1}, {@code 7.0}), an ISO 8601 duration ({@code PT15M}), or a cron expression of five fields.
     *
     * @param zone whose clocks a cron expression means
     * @throws PenstockException {@code config.invalid}
     */
    static Cadence parse(String text, ZoneId zone) {
        String trimmed = text.strip();
        if (trimmed.matches("[0-9]+(\\.[0-9]+)?")) {
            return every(trimmed, Duration.ofMillis(Math.round(Double.parseDouble(trimmed) * 86_400_000d)));
        }
        if (trimmed.startsWith("P") || trimmed.startsWith("p")) {
            try {
                return every(trimmed, Duration.parse(trimmed));
            } catch (DateTimeParseException e) {
                throw invalid(trimmed, e);
            }
        }
        try {
            return new ByCron(CronTimes.of(trimmed, zone));
        } catch (IllegalArgumentException e) {
            throw CronFault.in(trimmed)
                    .map(fault -> new PenstockException(
                            ErrorCode.CONFIG_INVALID,
                            "'" + trimmed + "' is no cron expression. " + fault + " " + FORMS + ".",
                            e))
                    .orElseGet(() -> invalid(trimmed, e));
        }
    }

    /** What a schedule may be. */
    String FORMS =
            "A schedule is a number of days, a duration of at least a second such as PT15M, or a cron expression of five"
                    + " fields such as 0 6 * * MON";

    private static Cadence every(String text, Duration period) {
        if (period.compareTo(Duration.ofSeconds(1)) < 0 || period.compareTo(LONGEST) > 0) {
            throw invalid(text, null);
        }
        return new Every(period);
    }

    /** Some bound keeps the arithmetic within what a moment can be. */
    Duration LONGEST = Duration.ofDays(36_500);

    private static PenstockException invalid(String text, @Nullable Throwable cause) {
        return new PenstockException(ErrorCode.CONFIG_INVALID, FORMS + "; this is '" + text + "'.", cause);
    }

    /** At fixed distances, the first one as soon as it is known. */
    record Every(Duration period) implements Cadence {
        @Override
        public Optional<Instant> due(@Nullable Instant lastDue, Instant since, Instant now) {
            if (lastDue == null) {
                return Optional.of(since);
            }
            long periods = Duration.between(lastDue, now).dividedBy(period);
            return periods < 1 ? Optional.empty() : Optional.of(lastDue.plus(period.multipliedBy(periods)));
        }

        @Override
        public Optional<Instant> next(@Nullable Instant lastDue, Instant since, Instant now) {
            if (lastDue == null) {
                return Optional.of(since);
            }
            long passed = Math.max(0, Duration.between(lastDue, now).dividedBy(period));
            return Optional.of(lastDue.plus(period.multipliedBy(passed + 1)));
        }
    }

    /** At the times a cron expression names; the first one is the first after it became known. */
    record ByCron(CronTimes times) implements Cadence {
        @Override
        public Optional<Instant> due(@Nullable Instant lastDue, Instant since, Instant now) {
            Instant after = lastDue == null ? since : lastDue;
            return times.latest(now).filter(latest -> latest.isAfter(after));
        }

        @Override
        public Optional<Instant> next(@Nullable Instant lastDue, Instant since, Instant now) {
            return times.next(lastDue != null && lastDue.isAfter(now) ? lastDue : now);
        }
    }
}
