package io.penstock.schedule;

import io.penstock.error.PenstockException;
import io.penstock.schema.Alert;
import io.penstock.schema.CollectTarget;
import io.penstock.schema.ScheduleEntry;
import io.penstock.schema.ScheduleMark;
import io.penstock.serde.Decoded;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps each schedule with its last due time and fires what is due. The alert's id is made of schedule and due time, so that a
 * due time fired twice is still one run.
 */
@SuppressWarnings("NullAway.Init") // set in init(), which comes before everything else
final class ScheduleFire implements Processor<String, @Nullable Decoded<ScheduleEntry>, Object, Object> {
    private static final Logger LOG = LoggerFactory.getLogger(ScheduleFire.class);
    private static final Duration SHORTEST_WAIT = Duration.ofMillis(50);
    /** Looks again after this time even if nothing is due: the wall clock may have been set. */
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

    private ProcessorContext<Object, Object> context;
    private KeyValueStore<String, ScheduleMark> marks;
    private @Nullable Cancellable wake;

    @Override
    public void init(ProcessorContext<Object, Object> newContext) {
        context = newContext;
        marks = context.getStateStore(ScheduleTopology.SCHEDULE);
        wakeIn(SHORTEST_WAIT);
    }

    @Override
    public void process(Record<String, @Nullable Decoded<ScheduleEntry>> record) {
        Decoded<ScheduleEntry> decoded = record.value();
        if (decoded == null) {
            marks.delete(record.key());
            return;
        }
        ScheduleMark known = marks.get(record.key());
        ScheduleMark mark = known == null
                ? ScheduleMark.newBuilder()
                        .setEntry(decoded.value())
                        .setFirstSeen(now())
                        .build()
                : changed(known, decoded.value());
        // Whoever waits for the change is to see at once what comes of it.
        marks.put(
                record.key(),
                timetable(record.key(), mark.getEntry())
                        .map(timetable -> foreseen(timetable, base(record.key(), timetable, mark, now()), now()))
                        .orElse(mark));
        wakeIn(SHORTEST_WAIT);
    }

    /** Empty when it does not fire. */
    private static Optional<Timetable> timetable(String id, ScheduleEntry entry) {
        if (!fires(entry)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Timetable.of(entry));
        } catch (PenstockException e) {
            LOG.warn("The schedule {} does not fire: {}", id, e.detail());
            return Optional.empty();
        }
    }

    private static ScheduleMark foreseen(Timetable timetable, ScheduleMark mark, Instant now) {
        Optional<Timetable.Firing> next = timetable.next(mark, now);
        return ScheduleMark.newBuilder(mark)
                .setNextDue(next.map(Timetable.Firing::due).orElse(null))
                .setNextFire(next.map(Timetable.Firing::at).orElse(null))
                .build();
    }

    /** What was due before the change is not made up for: not at other times, nor for the time when it was off or at fault. */
    private ScheduleMark changed(ScheduleMark known, ScheduleEntry entry) {
        ScheduleEntry before = known.getEntry();
        ScheduleMark.Builder changed = ScheduleMark.newBuilder(known).setEntry(entry);
        if (!fires(entry)) {
            changed.setNextDue(null).setNextFire(null);
        }
        if (!fires(before)
                || !before.getSchedule().equals(entry.getSchedule())
                || !Objects.equals(before.getTimeZone(), entry.getTimeZone())) {
            changed.setCountsFrom(now());
        }
        return changed.build();
    }

    private static boolean fires(ScheduleEntry entry) {
        return entry.getEnabled() && entry.getProblems().isEmpty();
    }

    private void wakeIn(Duration wait) {
        if (wake != null) {
            wake.cancel();
        }
        Duration bounded = wait.compareTo(SHORTEST_WAIT) < 0
                ? SHORTEST_WAIT
                : wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
        wake = context.schedule(bounded, PunctuationType.WALL_CLOCK_TIME, _ -> fireDue());
    }

    private void fireDue() {
        Instant now = now();
        List<KeyValue<String, ScheduleMark>> all = new ArrayList<>();
        try (KeyValueIterator<String, ScheduleMark> entries = marks.all()) {
            entries.forEachRemaining(all::add);
        }
        Instant earliest = now.plus(LONGEST_WAIT);
        boolean any = false;
        for (KeyValue<String, ScheduleMark> entry : all) {
            Optional<Instant> next = fireIfDue(entry.key, entry.value, now);
            any |= next.isPresent();
            if (next.isPresent() && next.get().isBefore(earliest)) {
                earliest = next.get();
            }
        }
        if (any) {
            wakeIn(Duration.between(now, earliest));
        } else if (wake != null) {
            wake.cancel(); // nothing can become due until an entry comes
            wake = null;
        }
    }

    /** When it fires next; empty when it does not, or the schedule is off or at fault. */
    private Optional<Instant> fireIfDue(String id, ScheduleMark stored, Instant now) {
        return timetable(id, stored.getEntry()).flatMap(timetable -> fireIfDue(id, timetable, stored, now));
    }

    private Optional<Instant> fireIfDue(String id, Timetable timetable, ScheduleMark stored, Instant now) {
        ScheduleEntry entry = stored.getEntry();
        ScheduleMark base = base(id, timetable, stored, now);
        ScheduleMark update = timetable
                .due(base, now)
                .map(due -> ScheduleMark.newBuilder(base)
                        .setLastDue(due)
                        .setFiredAt(now)
                        .setLastAlerts(fire(id, entry, due, now))
                        .build())
                .orElse(base);
        ScheduleMark looked = foreseen(timetable, update, now);
        if (!looked.equals(stored)) {
            marks.put(id, looked);
        }
        return Optional.ofNullable(looked.getNextFire());
    }

    /** The mark, from now on where the clock was ahead: a time that is served again gives the same alerts, which count once. */
    private static ScheduleMark base(String id, Timetable timetable, ScheduleMark stored, Instant now) {
        if (!timetable.isAhead(stored, now)) {
            return stored;
        }
        LOG.warn(
                "The schedule {} was served for {}, but it is {}: was the clock set? It goes on from now",
                id,
                stored.getLastDue(),
                now);
        Instant from = stored.getCountsFrom();
        return ScheduleMark.newBuilder(stored)
                .setLastDue(now)
                .setCountsFrom(from != null && from.isAfter(now) ? now : from)
                .build();
    }

    /** The alerts, by id, with the topic of each. */
    private Map<String, String> fire(String id, ScheduleEntry entry, Instant due, Instant now) {
        Map<String, String> alerts = new TreeMap<>();
        List<CollectTarget> targets = entry.getTargets();
        for (int i = 0; i < targets.size(); i++) {
            String alertId = id + "@" + due + (targets.size() == 1 ? "" : "#" + i);
            Alert alert = Alert.newBuilder()
                    .setAlertId(alertId)
                    .setTopic(targets.get(i).getTopic())
                    .setSegmentTargets(targets.get(i).getSegmentTargets())
                    .setRequestedAt(now)
                    .setRequestedBy("schedule " + id)
                    .build();
            context.forward(
                    new Record<Object, Object>(alertId, alert, now.toEpochMilli()), ScheduleTopology.ALERT_SINK);
            alerts.put(alertId, alert.getTopic());
        }
        return alerts;
    }

    private Instant now() {
        return Instant.ofEpochMilli(context.currentSystemTimeMs());
    }
}
