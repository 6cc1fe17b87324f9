package io.penstock.capture;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ItemKeysTest {
    @Test
    void shouldNeverMakeTheSameItemOfOtherValuesAndKeys() {
        assertThat(ItemKeys.item("aapl", "42")).isEqualTo("aapl/42");
        assertThat(ItemKeys.item("a", "b/c")).isEqualTo("a/b%2Fc").isNotEqualTo(ItemKeys.item("a/b", "c"));
        assertThat(ItemKeys.item("a", "b%2Fc")).isEqualTo("a/b%252Fc");
    }

    @Test
    void shouldEncodeControlCharactersAndKeepOtherOnes() {
        assertThat(ItemKeys.item("a", "é b\n")).isEqualTo("a/é b%0A");
    }

    @Test
    void shouldHashAKeyThatIsTooLong() {
        String key = "k".repeat(513);

        assertThat(ItemKeys.item("a", key))
                .isEqualTo("a/" + ItemKeys.sha256(key))
                .hasSize(66);
        assertThat(ItemKeys.item("a", "k".repeat(512))).hasSize(514);
    }
}
