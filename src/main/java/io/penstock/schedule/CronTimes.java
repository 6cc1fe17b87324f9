package io.penstock.schedule;

import com.cronutils.model.Cron;
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.field.CronFieldName;
import com.cronutils.model.field.expression.Always;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The moments that a cron expression names on the clocks of a zone.
 *
 * <p>Where clocks are set forward, a time that they skip is the moment of the change. Where they are set back, a time that they show
 * twice is the first of both. So a time of the day comes once on every day. An expression for every hour goes on by the hours that
 * pass instead, or it would pause for the hour that comes twice.
 *
 * <p>The library that reads the expression is asked in UTC, where no clock is ever set.
 */
final class CronTimes {
    private final ExecutionTime times;
    private final boolean everyHour;
    private final ZoneRules rules;

    private CronTimes(ExecutionTime times, boolean everyHour, ZoneRules rules) {
        this.times = times;
        this.everyHour = everyHour;
        this.rules = rules;
    }

    /** @throws IllegalArgumentException when it is no cron expression of five fields */
    static CronTimes of(String expression, ZoneId zone) {
        Cron cron = parse(expression);
        boolean everyHour = cron.retrieve(CronFieldName.HOUR).getExpression() instanceof Always;
        return new CronTimes(ExecutionTime.forCron(cron), everyHour, zone.getRules());
    }

    /** @throws IllegalArgumentException when it is no cron expression of five fields */
    static Cron parse(String expression) {
        return new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX)).parse(expression);
    }

    /** The first moment after another; empty when there is none. */
    Optional<Instant> next(Instant after) {
        return everyHour ? nextHourly(after) : nextDaily(after);
    }

    /** The latest moment not after another; empty when there is none. */
    Optional<Instant> latest(Instant moment) {
        return everyHour ? latestHourly(moment) : latestDaily(moment);
    }

    private Optional<Instant> nextDaily(Instant after) {
        Optional<LocalDateTime> local = nextLocal(LocalDateTime.ofInstant(after, rules.getOffset(after)));
        // While clocks show an hour again, its times are over already.
        while (local.isPresent() && !moment(local.get()).isAfter(after)) {
            local = nextLocal(local.get());
        }
        return local.map(this::moment);
    }

    private Optional<Instant> latestDaily(Instant moment) {
        LocalDateTime local = LocalDateTime.ofInstant(moment, rules.getOffset(moment));
        ZoneOffsetTransition change = changeUntil(moment);
        if (change != null && change.isOverlap() && local.isBefore(change.getDateTimeBefore())) {
            return lastLocalBefore(change.getDateTimeBefore()).map(this::moment);
        }
        return lastLocalBefore(secondAfter(local)).map(this::moment);
    }

    private Instant moment(LocalDateTime local) {
        List<ZoneOffset> offsets = rules.getValidOffsets(local);
        return offsets.isEmpty() ? rules.getTransition(local).getInstant() : local.toInstant(offsets.getFirst());
    }

    private Optional<Instant> nextHourly(Instant after) {
        ZoneOffset offset = rules.getOffset(after);
        LocalDateTime from = LocalDateTime.ofInstant(after, offset);
        ZoneOffsetTransition change = rules.nextTransition(after);
        while (true) {
            ZoneOffset valid = offset;
            Optional<Instant> found = nextLocal(from).map(local -> local.toInstant(valid));
            if (found.isEmpty() || change == null || found.get().isBefore(change.getInstant())) {
                return found;
            }
            offset = change.getOffsetAfter();
            from = change.getDateTimeAfter().minusSeconds(1);
            change = rules.nextTransition(change.getInstant());
        }
    }

    private Optional<Instant> latestHourly(Instant moment) {
        Instant until = moment;
        while (true) {
            ZoneOffset offset = rules.getOffset(until);
            ZoneOffsetTransition change = changeUntil(until);
            Optional<Instant> found = lastLocalBefore(secondAfter(LocalDateTime.ofInstant(until, offset)))
                    .map(local -> local.toInstant(offset));
            if (found.isEmpty() || change == null || !found.get().isBefore(change.getInstant())) {
                return found;
            }
            until = change.getInstant().minusMillis(1);
        }
    }

    private @Nullable ZoneOffsetTransition changeUntil(Instant moment) {
        return rules.previousTransition(moment.plusNanos(1));
    }

    private static LocalDateTime secondAfter(LocalDateTime local) {
        return local.truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);
    }

    private Optional<LocalDateTime> nextLocal(LocalDateTime after) {
        return times.nextExecution(after.truncatedTo(ChronoUnit.SECONDS).atZone(ZoneOffset.UTC))
                .map(ZonedDateTime::toLocalDateTime);
    }

    private Optional<LocalDateTime> lastLocalBefore(LocalDateTime whole) {
        return times.lastExecution(whole.atZone(ZoneOffset.UTC)).map(ZonedDateTime::toLocalDateTime);
    }
}
