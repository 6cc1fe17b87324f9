package io.penstock.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.schema.ChatAnswer;
import io.penstock.schema.Usage;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AnswerSettingsTest {
    @Test
    void shouldQuoteByDefault() {
        AnswerSettings settings = AnswerSettings.from(name -> null);

        assertThat(settings).isEqualTo(AnswerSettings.extractive());
        assertThat(Answerers.answerer(settings, new WordEmbedder(), new ModelUsage(), InstantSource.system())
                        .name())
                .isEqualTo("extractive");
        assertThat(Answerers.analysts(settings, new ModelUsage(), InstantSource.system())
                        .analyst(null))
                .isEmpty();
    }

    @Test
    void shouldTakeTheLanguageModelFromTheEnvironment() {
        Map<String, String> environment = Map.of(
                "PENSTOCK_LLM", "OpenAI",
                "PENSTOCK_LLM_MODEL", "llama3",
                "OPENAI_BASE_URL", "http://127.0.0.1:11434/v1/",
                "OPENAI_API_KEY", "sk-secret",
                "PENSTOCK_LLM_TIMEOUT_SECONDS", "90",
                "PENSTOCK_LLM_STALL_SECONDS", "45",
                "PENSTOCK_LLM_CONCURRENCY", "2");
        AnswerSettings settings = AnswerSettings.from(environment::get);

        assertThat(settings.baseUrl()).hasToString("http://127.0.0.1:11434/v1");
        assertThat(settings.timeout()).isEqualTo(Duration.ofSeconds(90));
        assertThat(settings.stallTimeout()).isEqualTo(Duration.ofSeconds(45));
        assertThat(settings.concurrency()).isEqualTo(2);
        assertThat(settings.toString()).contains("127.0.0.1:11434", "llama3").doesNotContain("sk-secret");
        assertThat(Answerers.answerer(settings, new WordEmbedder(), new ModelUsage(), InstantSource.system())
                        .name())
                .isEqualTo("llama3");
        assertThat(Answerers.analysts(settings, new ModelUsage(), InstantSource.system())
                        .analyst(null))
                .isPresent();
    }

    @Test
    void shouldEchoEachQuestionAndAnalyseNothingWhenOnlyTheWayIsMeasured() throws Exception {
        AnswerSettings settings = AnswerSettings.from(Map.of("PENSTOCK_LLM", "echo")::get);
        Answerer answerer = Answerers.answerer(settings, new WordEmbedder(), new ModelUsage(), InstantSource.system());

        assertThat(answerer.name()).isEqualTo("echo");
        assertThat(answerer.needsPassages()).isFalse();
        assertThat(answerer.answer(new Question("Is anybody there?", List.of(), List.of())))
                .isEqualTo(new ChatAnswer("Is anybody there?", true, "echo", List.of(), new Usage(0, 0, 0), false));
        assertThat(Answerers.analysts(settings, new ModelUsage(), InstantSource.system())
                        .analyst(null))
                .isEmpty();
    }

    @Test
    void shouldNameTheVariableThatIsWrong() {
        assertThatThrownBy(() -> AnswerSettings.from(Map.of("PENSTOCK_LLM", "magic")::get))
                .hasMessageContaining("PENSTOCK_LLM is 'magic'");
        assertThatThrownBy(() -> AnswerSettings.from(Map.of("OPENAI_BASE_URL", "ftp://u:secret@h")::get))
                .hasMessageContaining("OPENAI_BASE_URL")
                .hasMessageNotContaining("secret");
        assertThatThrownBy(() -> AnswerSettings.from(Map.of("OPENAI_API_KEY", "sk-secret\nsk-other")::get))
                .hasMessageContaining("OPENAI_API_KEY")
                .hasMessageNotContaining("secret");
        assertThatThrownBy(() -> AnswerSettings.from(Map.of("PENSTOCK_LLM_STALL_SECONDS", "0")::get))
                .hasMessageContaining("PENSTOCK_LLM_STALL_SECONDS is a whole number from 1 to 600, not '0'");
    }
}
