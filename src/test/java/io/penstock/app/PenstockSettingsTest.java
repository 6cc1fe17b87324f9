package io.penstock.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PenstockSettingsTest {

    @Test
    void shouldAskForFortyLettersUnlessToldOtherwise() {
        assertThat(settings(Map.of(), Map.of()).minLetters()).isEqualTo(40);
        assertThat(settings(Map.of("PENSTOCK_MIN_LETTERS", "0"), Map.of()).minLetters())
                .isZero();
        assertThat(settings(Map.of("PENSTOCK_MIN_LETTERS", "7"), Map.of("penstock.min.letters", "8"))
                        .minLetters())
                .isEqualTo(8);
    }

    @Test
    void shouldKeepTheLettersWhenThePortsAreKnown() {
        PenstockSettings settings =
                settings(Map.of("PENSTOCK_MIN_LETTERS", "7"), Map.of()).withPorts(1, 2);

        assertThat(settings.minLetters()).isEqualTo(7);
        assertThat(settings.port()).isEqualTo(1);
        assertThat(settings.kafkaPort()).isEqualTo(2);
    }

    @Test
    void shouldRefuseLettersThatAreNoNumberInRange() {
        for (String wrong : new String[] {"-1", "1000001", "many"}) {
            assertThatThrownBy(() -> settings(Map.of("PENSTOCK_MIN_LETTERS", wrong), Map.of()))
                    .isInstanceOf(PenstockException.class)
                    .hasMessageContaining("PENSTOCK_MIN_LETTERS is a whole number from 0 to 1000000")
                    .extracting(e -> ((PenstockException) e).code())
                    .isEqualTo(ErrorCode.CONFIG_INVALID);
        }
    }

    @SuppressWarnings("NullAway") // a system property may be absent
    private static PenstockSettings settings(Map<String, String> environment, Map<String, String> properties) {
        return PenstockSettings.from(environment, properties::get);
    }
}
