package io.penstock.answer;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SecretTest {
    private static final String TEXT = "sk-sk-abcdef, then sk-abcde and sk-abcdefsk-abcdef.";

    @Test
    void shouldTakeTheKeyOutOfTextHoweverItArrives() {
        for (int size = 1; size <= TEXT.length(); size++) {
            assertThat(streamed("sk-abcdef", size))
                    .as("in pieces of %s", size)
                    .isEqualTo("sk-***, then sk-abcde and ******.");
        }
    }

    @Test
    void shouldLeavePlaceholdersOfEndpointsThatWantNoKey() {
        assertThat(streamed("then", 1)).isEqualTo(TEXT);
        assertThat(streamed(null, 3)).isEqualTo(TEXT);
        assertThat(new Secret("none").redact("none of them")).isEqualTo("none of them");
    }

    private static String streamed(@Nullable String key, int size) {
        StringBuilder told = new StringBuilder();
        Secret.Stream stream = new Secret(key).stream(told::append);
        for (int at = 0; at < TEXT.length(); at += size) {
            stream.push(TEXT.substring(at, Math.min(at + size, TEXT.length())));
        }
        stream.end();
        return told.toString();
    }
}
