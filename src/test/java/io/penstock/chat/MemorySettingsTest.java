package io.penstock.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemorySettingsTest {
    @Test
    void shouldHaveDefaults() {
        assertThat(MemorySettings.from(name -> null))
                .isEqualTo(new MemorySettings(20, 32_000, Duration.ofDays(30), 10_000));
    }

    @Test
    void shouldTakeTheBoundsFromTheirVariables() {
        MemorySettings settings = MemorySettings.from(
                Map.of("PENSTOCK_CHAT_KEPT_DAYS", "7", "PENSTOCK_CHAT_CONVERSATIONS", " 500 ")::get);

        assertThat(settings.keptFor()).isEqualTo(Duration.ofDays(7));
        assertThat(settings.maxConversations()).isEqualTo(500);
    }

    @ParameterizedTest
    @CsvSource({
        "PENSTOCK_CHAT_KEPT_DAYS, 0",
        "PENSTOCK_CHAT_KEPT_DAYS, 3651",
        "PENSTOCK_CHAT_KEPT_DAYS, 1.5",
        "PENSTOCK_CHAT_CONVERSATIONS, 0",
        "PENSTOCK_CHAT_CONVERSATIONS, 1000001"
    })
    void shouldNameTheVariableThatIsWrong(String variable, String value) {
        assertThatThrownBy(() -> MemorySettings.from(Map.of(variable, value)::get))
                .hasMessageContaining(variable)
                .hasMessageContaining(value);
    }
}
