package io.penstock.schedule;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schema.ScheduleEntry;
import io.penstock.schema.ScheduleMark;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * When a schedule is due and when it fires: the latter is its jitter later. The jitter depends on nothing but the schedule and the due
 * time, so every instance computes the same, and it ends before the schedule is due again.
 */
public final class Timetable {
    /** The longest that a jitter may be. */
    public static final Duration LONGEST_JITTER = Duration.ofDays(1);

    /** By how much a clock may be set back without that anybody needs to hear of it. */
    private static final Duration TOLERANCE = Duration.ofMinutes(1);

    private final String id;
    private final Cadence cadence;
    private final Duration jitter;

    /** A time at which a schedule is due, and the moment at which it fires therefore. */
    record Firing(Instant due, Instant at) {}

    private Timetable(String id, Cadence cadence, Duration jitter) {
        this.id = id;
        this.cadence = cadence;
        this.jitter = jitter;
    }

    /** @throws PenstockException {@code config.invalid} */
    public static Timetable of(ScheduleEntry entry) {
        return new Timetable(
                entry.getId(),
                Cadence.parse(entry.getSchedule(), zone(entry.getTimeZone())),
                Duration.ofMillis(Math.clamp(entry.getJitterMs(), 0, LONGEST_JITTER.toMillis())));
    }

    /**
     * The zone of that name; UTC for null.
     *
     * @throws PenstockException {@code config.invalid}
     */
    public static ZoneId zone(@Nullable String name) {
        try {
            return name == null ? ZoneOffset.UTC : ZoneId.of(name);
        } catch (DateTimeException e) {
            throw new PenstockException(
                    ErrorCode.CONFIG_INVALID, "There is no time zone '" + name + "'; one is Europe/Berlin.", e);
        }
    }

    /** The latest time that is due, has not been served, and is to fire by now; what was due before the schedule was changed is not. */
    Optional<Instant> due(ScheduleMark mark, Instant now) {
        return unserved(mark, now)
                .map(latest -> firesAt(latest, mark).isAfter(now) ? latest.minusMillis(1) : now)
                .flatMap(until -> unserved(mark, until)) // the one before the latest fires before the latest is due
                .filter(due -> !firesAt(due, mark).isAfter(now));
    }

    /** Whether times come that count as served though the clock has not come to them: it was ahead when they were. */
    boolean isAhead(ScheduleMark mark, Instant now) {
        Instant lastDue = mark.getLastDue();
        return lastDue != null
                && lastDue.isAfter(now.plus(TOLERANCE))
                && cadence.next(now, mark.getFirstSeen(), now)
                        .filter(next -> next.plus(TOLERANCE).isBefore(lastDue))
                        .isPresent();
    }

    private Optional<Instant> unserved(ScheduleMark mark, Instant now) {
        return cadence.due(mark.getLastDue(), mark.getFirstSeen(), now).filter(due -> counts(due, mark));
    }

    /** Something that never ran is due at once, however it was changed. */
    private boolean counts(Instant due, ScheduleMark mark) {
        Instant from = mark.getCountsFrom();
        return from == null || due.isAfter(from) || (mark.getLastDue() == null && cadence instanceof Cadence.Every);
    }

    /** What fires next, given that nothing does now; empty when nothing ever will. */
    Optional<Firing> next(ScheduleMark mark, Instant now) {
        Instant from = mark.getCountsFrom();
        return unserved(mark, now)
                .or(() -> cadence.next(
                        mark.getLastDue(), mark.getFirstSeen(), from != null && from.isAfter(now) ? from : now))
                .map(due -> new Firing(due, firesAt(due, mark)));
    }

    private Instant firesAt(Instant due, ScheduleMark mark) {
        if (jitter.isZero()) {
            return due;
        }
        long bound = cadence.next(due, mark.getFirstSeen(), due)
                .map(next ->
                        Math.min(jitter.toMillis(), Duration.between(due, next).toMillis()))
                .orElse(jitter.toMillis());
        CRC32C hash = new CRC32C();
        hash.update((id + "@" + due).getBytes(UTF_8));
        return due.plusMillis(hash.getValue() % Math.max(1, bound));
    }
}
