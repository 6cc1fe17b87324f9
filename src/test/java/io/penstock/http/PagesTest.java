package io.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PagesTest {
    @Test
    void shouldTakeALimitWithinBoundsAndAHundredWhenNoneIsNamed() {
        assertThat(Pages.limit(null)).isEqualTo(100);
        assertThat(Pages.limit("1")).isEqualTo(1);
        assertThat(Pages.limit("1000")).isEqualTo(1_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1001", "-1", "", "ten", "1.5", "99999999999", "+5", "\u0663"})
    void shouldRefuseAnyOther(String limit) {
        assertThatThrownBy(() -> Pages.limit(limit)).isInstanceOfSatisfying(PenstockException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.PARAMETER_INVALID);
            assertThat(e.detail()).isEqualTo("limit is a whole number from 1 to 1000.");
        });
    }

    @Test
    void shouldTakeAMomentInEitherForm() {
        assertThat(Pages.moment("from", null)).isNull();
        assertThat(Pages.moment("from", "1769846400000")).isEqualTo("2026-01-31T08:00:00Z");
        assertThat(Pages.moment("from", "2026-01-31T10:00:00 02:00")).isEqualTo("2026-01-31T08:00:00Z");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "yesterday",
                "2026-01-31",
                "+999999999-12-31T23:59:59Z",
                "-999999999-01-01T00:00:00Z",
                "9999999999999999"
            })
    void shouldRefuseWhatIsNoMomentOrTooFarAway(String moment) {
        assertThatThrownBy(() -> Pages.moment("from", moment))
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PARAMETER_INVALID));
    }
}
