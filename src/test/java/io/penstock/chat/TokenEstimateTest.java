package io.penstock.chat;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TokenEstimateTest {
    @Test
    void shouldCountFourCharactersOfAsciiOrOneOtherAsAToken() {
        assertThat(TokenEstimate.of("")).isZero();
        assertThat(TokenEstimate.of("a")).isEqualTo(1);
        assertThat(TokenEstimate.of("four")).isEqualTo(1);
        assertThat(TokenEstimate.of("fives")).isEqualTo(2);
        assertThat(TokenEstimate.of("\u5728\u6771\u4eac")).isEqualTo(3);
    }

    @Test
    void shouldGiveTheBeginningThatFits() {
        assertThat(TokenEstimate.beginning("fives", 1)).isEqualTo("five");
        assertThat(TokenEstimate.beginning("fives", 2)).isEqualTo("fives");
        assertThat(TokenEstimate.beginning("abcd\u5728\u6771", 2)).isEqualTo("abcd\u5728");
        assertThat(TokenEstimate.beginning("fives", 0)).isEmpty();
    }

    @Test
    void shouldNotTearApartWhatIsOneCharacter() {
        assertThat(TokenEstimate.beginning("\ud83c\udf39\ud83c\udf3b", 3)).isEqualTo("\ud83c\udf39");
    }
}
