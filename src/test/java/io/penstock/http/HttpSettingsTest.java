package io.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpSettingsTest {
    @Test
    void shouldBeClosedToOtherOriginsByDefault() {
        HttpSettings settings = settings(Map.of());

        assertThat(settings)
                .isEqualTo(new HttpSettings(
                        java.util.Set.of(),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(75),
                        512));
    }

    @Test
    void shouldTakeOriginsAsBrowsersSendThem() {
        assertThat(settings(Map.of("PENSTOCK_CORS_ORIGINS", " https://App.example.org, http://localhost:3000 ,"))
                        .corsOrigins())
                .containsExactlyInAnyOrder("https://app.example.org", "http://localhost:3000");
        assertThat(settings(Map.of("PENSTOCK_CORS_ORIGINS", "*")).corsOrigins()).containsExactly("*");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://app.example.org/",
                "https://app.example.org/page",
                "app.example.org",
                "null",
                "https://*.example.org",
                "https://user@app.example.org",
                "ftp://app.example.org",
                "*, https://app.example.org",
                "https://app.example.org?x",
                "https://"
            })
    void shouldRefuseWhatIsNoOrigin(String origins) {
        assertInvalid(Map.of("PENSTOCK_CORS_ORIGINS", origins), "PENSTOCK_CORS_ORIGINS");
    }

    @ParameterizedTest
    @CsvSource({
        "PENSTOCK_HTTP_HEADER_SECONDS, 0",
        "PENSTOCK_HTTP_BODY_SECONDS, 3601",
        "PENSTOCK_HTTP_WRITE_SECONDS, 1.5",
        "PENSTOCK_HTTP_IDLE_SECONDS, soon",
        "PENSTOCK_HTTP_CONNECTIONS, -1",
    })
    void shouldNameTheVariableThatIsOutOfRange(String variable, String value) {
        assertInvalid(Map.of(variable, value), variable);
    }

    @Test
    void shouldPreferProperties() {
        HttpSettings settings = HttpSettings.from(
                Map.of("PENSTOCK_HTTP_IDLE_SECONDS", "5"),
                name -> name.equals("penstock.http.idle.seconds") ? "7" : null);

        assertThat(settings.idle()).isEqualTo(Duration.ofSeconds(7));
    }

    private static void assertInvalid(Map<String, String> environment, String variable) {
        assertThatThrownBy(() -> settings(environment)).isInstanceOfSatisfying(PenstockException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
            assertThat(e.detail()).contains(variable);
        });
    }

    private static HttpSettings settings(Map<String, String> environment) {
        return HttpSettings.from(environment, name -> null);
    }
}
