package io.penstock.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AnswerSettingsTest {
    @Test
    void shouldQuoteByDefault() {
        AnswerSettings settings = AnswerSettings.from(name -> null);

        assertThat(settings).isEqualTo(AnswerSettings.extractive());
        assertThat(Answerers.answerer(settings, new WordEmbedder(), InstantSource.system())
                        .name())
                .isEqualTo("extractive");
        assertThat(Answerers.analyst(settings, InstantSource.system())).isEmpty();
    }

    @Test
    void shouldTakeTheLanguageModelFromTheEnvironment() {
        Map<String, String> environment = Map.of(
                "PENSTOCK_LLM", "OpenAI",
                "PENSTOCK_LLM_MODEL", "llama3",
                "OPENAI_BASE_URL", "http://127.0.0.1:11434/v1/",
                "OPENAI_API_KEY", "sk-secret");
        AnswerSettings settings = AnswerSettings.from(environment::get);

        assertThat(settings.baseUrl()).hasToString("http://127.0.0.1:11434/v1");
        assertThat(settings.toString()).contains("127.0.0.1:11434", "llama3").doesNotContain("sk-secret");
        assertThat(Answerers.answerer(settings, new WordEmbedder(), InstantSource.system())
                        .name())
                .isEqualTo("llama3");
        assertThat(Answerers.analyst(settings, InstantSource.system())).isPresent();
    }

    @Test
    void shouldNameTheVariableThatIsWrong() {
        assertThatThrownBy(() -> AnswerSettings.from(Map.of("PENSTOCK_LLM", "magic")::get))
                .hasMessageContaining("PENSTOCK_LLM is 'magic'");
        assertThatThrownBy(() -> AnswerSettings.from(Map.of("OPENAI_BASE_URL", "ftp://u:secret@h")::get))
                .hasMessageContaining("OPENAI_BASE_URL")
                .hasMessageNotContaining("secret");
    }
}
