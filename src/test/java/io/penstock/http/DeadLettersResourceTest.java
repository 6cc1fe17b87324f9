package io.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeadLettersResourceTest {
    @Test
    void shouldTakeAPlaceAsNumbersAndAsText() throws JsonProcessingException {
        assertThat(partition("2")).isEqualTo(2);
        assertThat(partition("\"2\"")).isEqualTo(2);
        assertThat(partition("null")).isZero();
        assertThat(DeadLettersResource.place(json("{}"), "partition", 9)).isZero();
        assertThat(DeadLettersResource.place(json("{\"offset\":\"4000000000\"}"), "offset", Long.MAX_VALUE))
                .isEqualTo(4_000_000_000L);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"-1", "\"-1\"", "1.5", "\"one\"", "\"\"", "true", "[2]", "2147483648", "99999999999999999999"})
    void shouldRefuseWhatIsNoPlace(String text) {
        assertThatThrownBy(() -> partition(text))
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BODY_MALFORMED));
    }

    @Test
    void shouldWantAnOffset() {
        assertThatThrownBy(() -> DeadLettersResource.place(json("{\"partition\":1}"), "offset", 9))
                .isInstanceOf(PenstockException.class);
    }

    private static long partition(String text) throws JsonProcessingException {
        return DeadLettersResource.place(json("{\"partition\":" + text + "}"), "partition", Integer.MAX_VALUE);
    }

    private static JsonNode json(String text) throws JsonProcessingException {
        return new JsonMapper().readTree(text);
    }
}
