package io.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ApiKeyTest {
    private final ApiKey key = new ApiKey("sécret", "It is in data/api-key.");

    @Test
    void shouldMatchNothingButItself() {
        assertThat(key.matches("sécret")).isTrue();
        assertThat(key.matches("sécre")).isFalse();
        assertThat(key.matches("sécret ")).isFalse();
        assertThat(key.matches("Sécret")).isFalse();
        assertThat(key.matches("")).isFalse();
        assertThat(key.matches(null)).isFalse();
    }

    @Test
    void shouldNotShowItself() {
        assertThat(key.toString()).doesNotContain("cret");
        assertThat(key.whereItIs()).isEqualTo("It is in data/api-key.");
    }

    @Test
    void shouldRefuseToBeEmpty() {
        assertThatThrownBy(() -> new ApiKey(" ", "")).isInstanceOf(IllegalArgumentException.class);
    }
}
