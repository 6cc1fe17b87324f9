package io.penstock.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BridgeSettingsTest {
    @Test
    void shouldHaveDefaults() {
        assertThat(BridgeSettings.from(name -> null))
                .isEqualTo(new BridgeSettings(256, 64, Duration.ofSeconds(10), Duration.ofSeconds(3)));
    }

    @Test
    void shouldTakeTheBoundFromItsVariable() {
        assertThat(BridgeSettings.from(Map.of("PENSTOCK_CHAT_IN_FLIGHT", " 64 ")::get)
                        .maxInFlight())
                .isEqualTo(64);
    }

    @Test
    void shouldResumeAPartOfWhatMayBeInFlightUnlessToldOtherwise() {
        assertThat(resumed("64")).isEqualTo(16);
        assertThat(resumed("1")).as("a few in any case").isEqualTo(16);
        assertThat(resumed("400")).isEqualTo(100);
        assertThat(resumed("10000")).as("each costs something").isEqualTo(256);
        assertThat(BridgeSettings.from(Map.of("PENSTOCK_CHAT_RESUMED", "3")::get)
                        .maxResumed())
                .isEqualTo(3);
    }

    private static int resumed(String inFlight) {
        return BridgeSettings.from(Map.of("PENSTOCK_CHAT_IN_FLIGHT", inFlight)::get)
                .maxResumed();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "many", "10001", "99999999999"})
    void shouldNameTheVariableThatIsWrong(String value) {
        assertThatThrownBy(() -> BridgeSettings.from(Map.of("PENSTOCK_CHAT_IN_FLIGHT", value)::get))
                .hasMessageContaining("PENSTOCK_CHAT_IN_FLIGHT")
                .hasMessageContaining(value);
    }
}
