package io.penstock.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EmbeddingSettingsTest {
    @Test
    void shouldTakeTheBundledModelAndASessionForEachCoreByDefault() {
        EmbeddingSettings settings = from(Map.of());

        assertThat(settings).isEqualTo(EmbeddingSettings.defaults());
        assertThat(settings.model()).isNull();
        assertThat(settings.tokenizer()).isNull();
        assertThat(settings.sessions()).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(settings.ingestionSessions()).isEqualTo(settings.sessions());
        assertThat(settings.maxTokens()).isEqualTo(512);
    }

    @Test
    void shouldReadEachVariable() {
        assertThat(from(Map.of(
                        "PENSTOCK_EMBEDDING_MODEL", " /m/model.onnx ",
                        "PENSTOCK_EMBEDDING_TOKENIZER", "/m/tokenizer.json",
                        "PENSTOCK_EMBEDDING_SESSIONS", "8",
                        "PENSTOCK_EMBEDDING_INGESTION_SESSIONS", "6",
                        "PENSTOCK_EMBEDDING_MAX_TOKENS", "256",
                        "PENSTOCK_EMBEDDING_REMEMBERED_MIB", "0")))
                .isEqualTo(new EmbeddingSettings(
                        Path.of("/m/model.onnx"), Path.of("/m/tokenizer.json"), 8, 6, 256, 0, null));
    }

    @Test
    void shouldLetDocumentsOccupyEverySessionThatIsSet() {
        assertThat(from(Map.of("PENSTOCK_EMBEDDING_SESSIONS", "3")).ingestionSessions())
                .isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource({
        "PENSTOCK_EMBEDDING_SESSIONS, 0, from 1 to 256",
        "PENSTOCK_EMBEDDING_SESSIONS, many, not 'many'",
        "PENSTOCK_EMBEDDING_SESSIONS, 2.5, not '2.5'",
        "PENSTOCK_EMBEDDING_SESSIONS, 99999999999, from 1 to 256",
        "PENSTOCK_EMBEDDING_INGESTION_SESSIONS, 0, from 1 to 2",
        "PENSTOCK_EMBEDDING_INGESTION_SESSIONS, 3, PENSTOCK_EMBEDDING_SESSIONS",
        "PENSTOCK_EMBEDDING_MAX_TOKENS, 31, from 32 to 8192",
        "PENSTOCK_EMBEDDING_MAX_TOKENS, -1, not '-1'",
        "PENSTOCK_EMBEDDING_REMEMBERED_MIB, -1, from 0 to 4096",
        "PENSTOCK_EMBEDDING_REMEMBERED_MIB, 4097, from 0 to 4096",
    })
    void shouldNameTheVariableThatCannotBeUsed(String variable, String value, String part) {
        assertInvalid(Map.of("PENSTOCK_EMBEDDING_SESSIONS", "2", "other", ""), variable, value, variable, part);
    }

    @Test
    void shouldWantBothFilesOrNone() {
        assertInvalid(
                Map.of(),
                "PENSTOCK_EMBEDDING_MODEL",
                "/m/model.onnx",
                "PENSTOCK_EMBEDDING_MODEL is set and PENSTOCK_EMBEDDING_TOKENIZER is not");
        assertInvalid(
                Map.of(),
                "PENSTOCK_EMBEDDING_TOKENIZER",
                "/m/tokenizer.json",
                "PENSTOCK_EMBEDDING_TOKENIZER is set and PENSTOCK_EMBEDDING_MODEL is not");
    }

    @Test
    void shouldRefuseWhatIsNoPath() {
        assertInvalid(
                Map.of("PENSTOCK_EMBEDDING_TOKENIZER", "t"),
                "PENSTOCK_EMBEDDING_MODEL",
                "a\0b",
                "PENSTOCK_EMBEDDING_MODEL is no path");
    }

    private static void assertInvalid(Map<String, String> others, String variable, String value, String... parts) {
        Map<String, String> variables = new java.util.HashMap<>(others);
        variables.put(variable, value);
        assertThatThrownBy(() -> from(variables))
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID))
                .hasMessageContainingAll(parts);
    }

    private static EmbeddingSettings from(Map<String, String> variables) {
        return EmbeddingSettings.from(variables::get);
    }
}
