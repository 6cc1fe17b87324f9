package io.penstock.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "economy", "alert_financials", "7-eleven", "alerts"})
    void shouldAcceptLegalNames(String name) {
        assertThat(Names.check("topic", name)).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Economy", "a.b", "_a", "-a", "a/b", "a b", "é", "a\n", "alert"})
    void shouldRefuseIllegalNames(String name) {
        assertThatThrownBy(() -> Names.check("topic", name))
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NAME_INVALID));
    }

    @Test
    void shouldLimitTheLength() {
        assertThat(Names.problem("topic", "a".repeat(63))).isEmpty();
        assertThat(Names.problem("topic", "a".repeat(64))).isPresent();
    }

    @Test
    void shouldRefuseAMissingName() {
        assertThat(Names.problem("segment", null)).hasValue("The segment has no name.");
    }
}
