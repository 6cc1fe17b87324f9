package io.penstock.chat;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventIdTest {
    @Test
    void shouldBeReadFromItsText() {
        EventId id = new EventId(15, 123_456_789_012L, 2, "0799d419-11b9-4209-9e32-08c1f8172e60");

        assertThat(id).hasToString("15-123456789012-2-0799d419-11b9-4209-9e32-08c1f8172e60");
        assertThat(EventId.parse(id.toString())).contains(id);
    }

    @Test
    void shouldBeAStartWhenNothingWasPassedOn() {
        assertThat(EventId.parse("0-7-0-r").orElseThrow().isStart()).isTrue();
        assertThat(EventId.parse("0-7-1-r").orElseThrow().isStart()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1-2-3",
                "1-2-3-",
                "x-2-3-r",
                "1--2-3-r",
                "99999-2-3-r",
                "1-9999999999999999999-3-r",
                "1-2-3-r s"
            })
    void shouldRefuseWhatIsNone(String text) {
        assertThat(EventId.parse(text)).isEmpty();
    }
}
