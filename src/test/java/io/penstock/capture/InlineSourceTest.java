package io.penstock.capture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InlineSourceTest {
    private final InlineSource source =
            new InlineSource(CaptureSettings.of(Path.of("config")).withLimits(1000, 2000));

    @ParameterizedTest
    @ValueSource(strings = {"text", "content"})
    void shouldTakeTheOnlyTextAsItIs(String field) throws Exception {
        CapturedContent content =
                source.fetch(Requests.inline(Map.of(field, "{ not JSON"))).only();

        assertThat(new String(content.content(), UTF_8)).isEqualTo("{ not JSON");
        assertThat(content.contentType()).isEqualTo("text/plain; charset=utf-8");
        assertThat(content.uri()).isEqualTo("inline:p1/a%2Fb");
    }

    @Test
    void shouldMakeAJsonObjectOfSeveralFields() throws Exception {
        CapturedContent content = source.fetch(Requests.inline(
                        Map.of("title", "T \"quoted\"", "body", "B", "tags", "[\"x\",1]", "broken", "[x", "n", "7")))
                .only();

        assertThat(new String(content.content(), UTF_8))
                .isEqualTo(
                        "{\"body\":\"B\",\"broken\":\"[x\",\"n\":\"7\",\"tags\":[\"x\",1],\"title\":\"T \\\"quoted\\\"\"}");
        assertThat(content.contentType()).isEqualTo("application/json; charset=utf-8");
    }

    @Test
    void shouldFailForGoodWhenThereIsNoContent() {
        assertThat(Requests.failure(source, Requests.inline(Map.of())).code()).isEqualTo("capture.not-found");
    }

    @Test
    void shouldRefuseWhatIsTooLarge() {
        assertThat(Requests.failure(source, Requests.inline(Map.of("text", "x".repeat(1001))))
                        .code())
                .isEqualTo("record.too-large");
    }
}
