package io.penstock.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.answer.Question.Exchange;
import java.util.List;
import org.junit.jupiter.api.Test;

class HistoryTest {
    private static final Exchange FIRST = new Exchange("a".repeat(40), "b".repeat(40));
    private static final Exchange SECOND = new Exchange("c".repeat(40), "d".repeat(40));
    private static final Exchange THIRD = new Exchange("e".repeat(40), "f".repeat(40));

    @Test
    void shouldTellTheNewestExchangesThatFit() {
        List<Exchange> all = List.of(FIRST, SECOND, THIRD);

        assertThat(History.newest(all, 5, 60)).containsExactly(FIRST, SECOND, THIRD);
        assertThat(History.newest(all, 5, 59)).containsExactly(SECOND, THIRD);
        assertThat(History.newest(all, 2, 60)).containsExactly(SECOND, THIRD);
        assertThat(History.newest(all, 5, 20)).containsExactly(THIRD);
        assertThat(History.newest(List.of(), 5, 20)).isEmpty();
    }

    @Test
    void shouldLeaveNoGapForWhatDoesNotFit() {
        Exchange large = new Exchange("a".repeat(4_000), "b");

        assertThat(History.newest(List.of(FIRST, large, THIRD), 5, 100)).containsExactly(THIRD);
    }

    @Test
    void shouldTellAtLeastTheBeginningOfTheLastExchange() {
        Exchange large = new Exchange("a".repeat(400), "b".repeat(4_000));

        assertThat(History.newest(List.of(FIRST, large), 5, 100))
                .containsExactly(new Exchange("a".repeat(200) + " [\u2026]", "b".repeat(192) + " [\u2026]"));
    }
}
