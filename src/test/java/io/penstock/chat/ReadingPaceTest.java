package io.penstock.chat;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReadingPaceTest {
    private final ReadingPace pace = new ReadingPace();

    private void handOver(int replies) {
        for (int i = 0; i < replies; i++) {
            pace.handedOver();
        }
    }

    @Test
    void shouldBePromptUntilRepliesAreHandedOver() {
        assertThat(pace.isPrompt()).isTrue();
        handOver(10);
        assertThat(pace.isPrompt()).isTrue();
        handOver(40);
        assertThat(pace.isPrompt()).isFalse();
    }

    @Test
    void shouldBePromptWhereManyAreWrittenElsewhere() {
        handOver(1000);
        pace.read(); // as happens when a reply is read just before it is acknowledged
        assertThat(pace.isPrompt()).isFalse();
        for (int i = 0; i < 200; i++) {
            pace.handedOver();
            pace.read();
        }
        assertThat(pace.isPrompt()).isTrue();
        handOver(1000);
        for (int i = 0; i < 10; i++) {
            pace.read();
        }
        assertThat(pace.isPrompt()).isTrue();
    }

    @Test
    void shouldBePromptWhileAStreamIsRead() {
        handOver(1000);
        pace.streamBegins();
        pace.streamBegins();
        pace.streamEnds();
        assertThat(pace.isPrompt()).isTrue();
        pace.streamEnds();
        assertThat(pace.isPrompt()).isFalse();
    }
}
