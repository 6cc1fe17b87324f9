package io.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChatRouteTest {
    @Test
    void shouldTakeQuestionsWhoseAnswerIsWantedWhole() {
        assertThat(ChatRoute.wantsWhole(accepting("*/*"), null)).isTrue();
        assertThat(ChatRoute.wantsWhole(accepting("application/json"), null)).isTrue();
        assertThat(ChatRoute.wantsWhole(MultiMap.caseInsensitiveMultiMap(), null))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/event-stream",
                "application/json, text/event-stream",
                "text/html",
                "application/json;q=0",
                ""
            })
    void shouldLeaveToTheResourceWhatMustBeThoughtAbout(String accept) {
        assertThat(ChatRoute.wantsWhole(accepting(accept), null)).isFalse();
    }

    @Test
    void shouldLeaveWhatResumesToTheResource() {
        assertThat(ChatRoute.wantsWhole(accepting("*/*").add("last-event-id", "3-1041-1-x"), null))
                .isFalse();
        assertThat(ChatRoute.wantsWhole(accepting("*/*"), "last_event_id=3-1041-1-x"))
                .isFalse();
    }

    private static MultiMap accepting(String accept) {
        return MultiMap.caseInsensitiveMultiMap().add("Accept", accept);
    }
}
