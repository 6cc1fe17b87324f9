package io.penstock.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schema.ScheduleEntry;
import io.penstock.schema.ScheduleMark;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimetableTest {
    private static final Instant START = Instant.parse("2026-05-01T10:00:00Z");

    @Test
    void shouldFireUpToItsJitterLaterAndEverywhereAtTheSameMoment() {
        Timetable one = Timetable.of(entry("PT1H", Duration.ofMinutes(10)));
        Timetable other = Timetable.of(entry("PT1H", Duration.ofMinutes(10)));
        Set<Duration> delays = new HashSet<>();
        for (int hour = 0; hour < 50; hour++) {
            ScheduleMark mark = served(START.plus(Duration.ofHours(hour)));
            Timetable.Firing next = one.next(mark, mark.getLastDue()).orElseThrow();

            assertThat(other.next(mark, mark.getLastDue())).contains(next);
            assertThat(next.due()).isEqualTo(START.plus(Duration.ofHours(hour + 1)));
            assertThat(Duration.between(next.due(), next.at())).isBetween(Duration.ZERO, Duration.ofMinutes(10));
            assertThat(one.due(mark, next.at().minusMillis(1))).isEmpty();
            assertThat(one.next(mark, next.at().minusMillis(1))).contains(next);
            assertThat(one.due(mark, next.at())).contains(next.due());
            delays.add(Duration.between(next.due(), next.at()));
        }
        assertThat(delays).hasSizeGreaterThan(40);
    }

    @ParameterizedTest
    @CsvSource({"PT2S", "PT1M", "'*/5 * * * *'"})
    void shouldFireBeforeItIsDueAgainWhenItsJitterIsLongerThanThat(String schedule) {
        Timetable timetable = Timetable.of(entry(schedule, Duration.ofDays(1)));
        ScheduleMark mark = served(START);
        for (int i = 0; i < 50; i++) {
            Timetable.Firing next = timetable.next(mark, mark.getLastDue()).orElseThrow();
            mark.setLastDue(next.due());
            Timetable.Firing afterwards = timetable.next(mark, next.due()).orElseThrow();

            assertThat(next.at()).isBetween(next.due(), afterwards.due());
        }
    }

    @Test
    void shouldNotMakeUpForWhatWasDueBeforeItWasChanged() {
        ScheduleMark mark = served(START);
        mark.setCountsFrom(START.plus(Duration.ofDays(3)).plusSeconds(5));

        assertThat(Timetable.of(entry("PT1H", Duration.ZERO)).due(mark, mark.getCountsFrom()))
                .isEmpty();
        assertThat(Timetable.of(entry("PT1H", Duration.ZERO)).next(mark, mark.getCountsFrom()))
                .contains(firing(START.plus(Duration.ofHours(73))));
        assertThat(Timetable.of(entry("0 6 * * *", Duration.ZERO)).due(mark, mark.getCountsFrom()))
                .isEmpty();
        assertThat(Timetable.of(entry("0 6 * * *", Duration.ZERO)).next(mark, mark.getCountsFrom()))
                .contains(firing(Instant.parse("2026-05-05T06:00:00Z")));
    }

    @ParameterizedTest
    @CsvSource({"PT2S, PT0S", "PT1H, PT20M", "'30 2 * * *', PT0S", "'*/7 * * * *', PT3M", "7.0, PT24H"})
    void shouldServeNoDueTimeTwiceHoweverTheClockJumps(String schedule, String jitter) {
        Random random = new Random(20260501);
        ScheduleEntry entry = entry(schedule, Duration.parse(jitter));
        entry.setTimeZone("Europe/Berlin");
        Timetable timetable = Timetable.of(entry);
        ScheduleMark mark =
                ScheduleMark.newBuilder().setEntry(entry).setFirstSeen(START).build();
        Instant now = START;
        Set<Instant> served = new HashSet<>();
        for (int i = 0; i < 3_000; i++) {
            now = switch (random.nextInt(20)) {
                case 0 -> now.minus(Duration.ofMinutes(random.nextInt(100_000)));
                case 1 -> now.plus(Duration.ofMinutes(random.nextInt(100_000)));
                default ->
                    timetable
                            .next(mark, now)
                            .map(Timetable.Firing::at)
                            .orElse(now)
                            .plusMillis(random.nextInt(50));
            };
            if (random.nextInt(10) == 0) {
                mark.setCountsFrom(now);
            }
            Optional<Instant> due = timetable.due(mark, now);
            if (due.isPresent()) {
                assertThat(served.add(due.get())).as("%s", due.get()).isTrue();
                assertThat(due.get()).isBeforeOrEqualTo(now);
                mark.setLastDue(due.get());
                assertThat(timetable.due(mark, now)).isEmpty();
            }
            assertThat(timetable.next(mark, now)).isPresent();
        }
        assertThat(served).hasSizeGreaterThan(200);
    }

    @Test
    void shouldRefuseAZoneThatDoesNotExist() {
        ScheduleEntry entry = entry("0 6 * * *", Duration.ZERO);
        entry.setTimeZone("Europe/Atlantis");

        assertThatThrownBy(() -> Timetable.of(entry)).isInstanceOfSatisfying(PenstockException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
            assertThat(e.detail()).contains("Europe/Atlantis");
        });
    }

    private static Timetable.Firing firing(Instant due) {
        return new Timetable.Firing(due, due);
    }

    private static ScheduleMark served(Instant due) {
        return ScheduleMark.newBuilder()
                .setEntry(entry("PT1H", Duration.ZERO))
                .setFirstSeen(START)
                .setLastDue(due)
                .build();
    }

    private static ScheduleEntry entry(String schedule, Duration jitter) {
        return ScheduleEntry.newBuilder()
                .setId("docs")
                .setSchedule(schedule)
                .setJitterMs(jitter.toMillis())
                .build();
    }
}
