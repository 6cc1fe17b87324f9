package io.penstock.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** In Berlin, clocks go from 02:00 to 03:00 on 2026-03-29 at 01:00 UTC, and from 03:00 to 02:00 on 2026-10-25 at 01:00 UTC. */
class CronTimesTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    @Test
    void shouldFollowTheClocksOfAZone() {
        assertThat(moments("0 6 * * *", "2026-03-27T12:00:00Z", "2026-03-31T12:00:00Z"))
                .containsExactly(
                        "2026-03-28T05:00:00Z", "2026-03-29T04:00:00Z", "2026-03-30T04:00:00Z", "2026-03-31T04:00:00Z");
    }

    @Test
    void shouldComeOnceAtTheChangeWhenClocksSkipTheTime() {
        assertThat(moments("30 2 * * *", "2026-03-28T00:00:00Z", "2026-03-30T12:00:00Z"))
                .containsExactly("2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z");
    }

    @Test
    void shouldComeOnceWhenClocksSkipSeveralTimesAndShowTheNext() {
        assertThat(moments("0,30 2,3 * * *", "2026-03-29T00:00:00Z", "2026-03-29T12:00:00Z"))
                .containsExactly("2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z");
    }

    @Test
    void shouldComeOnceWhenClocksShowTheTimeTwice() {
        assertThat(moments("30 2 * * *", "2026-10-24T00:00:00Z", "2026-10-26T12:00:00Z"))
                .containsExactly("2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z");
    }

    @ParameterizedTest
    @CsvSource({"2026-03-28T23:10:00Z, 2026-03-29T05:10:00Z", "2026-10-24T22:10:00Z, 2026-10-25T04:10:00Z"})
    void shouldGoOnByTheHoursThatPassWhenItNamesEveryHour(String from, String until) {
        List<String> found = moments("*/30 * * * *", from, until);

        assertThat(found).hasSize(12).doesNotHaveDuplicates();
        for (int i = 1; i < found.size(); i++) {
            assertThat(Duration.between(Instant.parse(found.get(i - 1)), Instant.parse(found.get(i))))
                    .isEqualTo(Duration.ofMinutes(30));
        }
    }

    @Test
    void shouldFindNothingWhenADayNeverComes() {
        CronTimes never = CronTimes.of("* * 30 2 *", BERLIN);

        assertThat(never.next(Instant.parse("2026-01-01T00:00:00Z"))).isEmpty();
        assertThat(never.latest(Instant.parse("2026-01-01T00:00:00Z"))).isEmpty();
    }

    /** All of them, which must be the same whether one goes forward or looks back from any moment. */
    private static List<String> moments(String expression, String from, String until) {
        CronTimes times = CronTimes.of(expression, BERLIN);
        Instant end = Instant.parse(until);
        List<String> forward = new ArrayList<>();
        for (Instant at = times.next(Instant.parse(from)).orElseThrow();
                !at.isAfter(end);
                at = times.next(at).orElseThrow()) {
            forward.add(at.toString());
        }
        List<String> seen = new ArrayList<>();
        for (Instant now = Instant.parse(from); !now.isAfter(end); now = now.plusSeconds(300)) {
            Instant latest = times.latest(now).orElseThrow();
            assertThat(latest).isBeforeOrEqualTo(now);
            if (latest.isAfter(Instant.parse(from)) && !seen.contains(latest.toString())) {
                seen.add(latest.toString());
            }
        }
        assertThat(seen).isEqualTo(forward);
        return forward;
    }
}
