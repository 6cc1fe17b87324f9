package io.penstock.http.openai;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChatModelTest {
    @Test
    void shouldStandForEverythingATopicOrASegment() {
        assertThat(ChatModel.named("penstock")).contains(new ChatModel("penstock", null, null));
        assertThat(ChatModel.named(ChatModel.of("harbour")))
                .contains(new ChatModel("penstock/harbour", "harbour", null));
        assertThat(ChatModel.named(ChatModel.of("harbour", "notices")))
                .contains(new ChatModel("penstock/harbour/notices", "harbour", "notices"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "gpt-4o",
                "Penstock",
                "penstock/",
                "penstock//",
                "penstock//notices",
                "penstock/a/b/c",
                "/penstock",
                "penstocks",
                "all-MiniLM-L6-v2"
            })
    void shouldBeNothingElse(String name) {
        assertThat(ChatModel.named(name)).isEmpty();
    }
}
