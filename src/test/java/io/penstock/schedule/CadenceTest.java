package io.penstock.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CadenceTest {
    /** A Friday. */
    private static final Instant SINCE = Instant.parse("2026-05-01T10:00:30Z");

    @ParameterizedTest
    @CsvSource({"1,PT24H", "7.0,PT168H", "0.5,PT12H", "PT15M,PT15M", "P1D,PT24H", "' 2 ',PT48H", "pt1s,PT1S"})
    void shouldReadDaysAndDurations(String text, Duration period) {
        assertThat(Cadence.parse(text)).isEqualTo(new Cadence.Every(period));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0",
                "0.0",
                "-1",
                "PT0S",
                "PT-1H",
                "PT0.5S",
                "P",
                "daily",
                "* * * *",
                "* * * * * *",
                "61 * * * *",
                "1e3"
            })
    void shouldSayWhatAScheduleLooksLike(String text) {
        assertThatThrownBy(() -> Cadence.parse(text)).isInstanceOfSatisfying(PenstockException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
            assertThat(e.detail()).contains("number of days", "PT15M", "cron", "'" + text.strip() + "'");
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "61 * * * *|The field minute is '61'; it may be *, values from 0 to 59",
                "*/x * * * *|The field minute is '*/x'",
                "0 24 * * *|The field hour is '24'; it may be *, values from 0 to 23",
                "0 6 0 * *|The field day of the month is '0'; it may be *, values from 1 to 31",
                "0 6 * 13 *|The field month is '13'; it may be *, values from 1 to 12, or JAN to DEC",
                "0 6 * * MONDAY|The field day of the week is 'MONDAY'; it may be *, values from 0 to 7",
                "0 6 * * 8|The field day of the week is '8'",
                "61 24 * * *|The field minute is '61'",
                "0 6 * *|It has 4 fields, and a cron expression has five: minute, hour",
                "0 0 6 * * ?|It has 6 fields"
            })
    void shouldNameTheFieldOfACronExpressionThatIsWrong(String text, String part) {
        assertThatThrownBy(() -> Cadence.parse(text))
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.detail()).contains(part, "'" + text + "'"));
    }

    @Test
    void shouldTakeNamesOfMonthsAndDays() {
        assertThat(Cadence.parse("0 6 * JAN-MAR,DEC MON-FRI").next(null, SINCE, SINCE))
                .contains(Instant.parse("2026-12-01T06:00:00Z"));
    }

    @Test
    void shouldBeDueAtOnceWhenNeverServed() {
        Cadence daily = Cadence.parse("1");

        assertThat(daily.due(null, SINCE, SINCE.plusSeconds(5))).contains(SINCE);
        assertThat(daily.next(null, SINCE, SINCE)).contains(SINCE);
    }

    @Test
    void shouldBeDueAfterThePeriodAndNotBefore() {
        Cadence daily = Cadence.parse("1");
        Instant next = SINCE.plus(Duration.ofDays(1));

        assertThat(daily.due(SINCE, SINCE, next.minusMillis(1))).isEmpty();
        assertThat(daily.due(SINCE, SINCE, next)).contains(next);
        assertThat(daily.next(SINCE, SINCE, SINCE.plusSeconds(1))).contains(next);
    }

    @Test
    void shouldCollapseWhatWasMissedIntoTheLatest() {
        Cadence daily = Cadence.parse("1");

        assertThat(daily.due(SINCE, SINCE, SINCE.plus(Duration.ofHours(24 * 5 + 3))))
                .contains(SINCE.plus(Duration.ofDays(5)));
    }

    @Test
    void shouldNotBeDueWhenTheClockWasSetBack() {
        Cadence daily = Cadence.parse("1");

        assertThat(daily.due(SINCE, SINCE, SINCE.minus(Duration.ofDays(3)))).isEmpty();
    }

    @Test
    void shouldFollowACronExpressionInUtc() {
        Cadence sixEveryMorning = Cadence.parse("0 6 * * *");
        Instant tomorrow = Instant.parse("2026-05-02T06:00:00Z");

        assertThat(sixEveryMorning.due(null, SINCE, SINCE.plusSeconds(60)))
                .as("its first time has not come")
                .isEmpty();
        assertThat(sixEveryMorning.next(null, SINCE, SINCE)).contains(tomorrow);
        assertThat(sixEveryMorning.due(null, SINCE, tomorrow.minusMillis(1))).isEmpty();
        assertThat(sixEveryMorning.due(null, SINCE, tomorrow)).contains(tomorrow);
        assertThat(sixEveryMorning.due(tomorrow, SINCE, tomorrow.plusSeconds(60)))
                .isEmpty();
        assertThat(sixEveryMorning.due(tomorrow, SINCE, tomorrow.plus(Duration.ofHours(24 * 3 + 1))))
                .as("three mornings were missed")
                .contains(tomorrow.plus(Duration.ofDays(3)));
    }

    @Test
    void shouldHaveNoNextTimeWhenACronExpressionNamesADayThatNeverComes() {
        Cadence never = Cadence.parse("0 0 30 2 *");

        assertThat(never.due(null, SINCE, SINCE.plus(Duration.ofDays(400)))).isEmpty();
        assertThat(never.next(null, SINCE, SINCE)).isEmpty();
    }
}
