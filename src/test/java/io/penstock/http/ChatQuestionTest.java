package io.penstock.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.error.PenstockException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChatQuestionTest {
    private static ChatQuestion read(String json) {
        return ChatQuestion.of(json.getBytes(UTF_8));
    }

    @Test
    void shouldReadAllFields() {
        assertThat(read("""
                {"message": "Which?", "session_id": "s", "topic": "harbour", "segment": "notices", "k": 3, "run_id": "r",
                 "reasoning": "step-by-step"}"""))
                .isEqualTo(new ChatQuestion(
                        "Which?",
                        "s",
                        Optional.of("harbour"),
                        Optional.of("notices"),
                        Optional.of(3),
                        Optional.of("r"),
                        "step-by-step"));
    }

    @Test
    void shouldMakeUpASessionAndAskDirectlyWhenNothingIsSaid() {
        ChatQuestion one = read("{\"message\": \"Which?\", \"session_id\": \" \"}");
        ChatQuestion other = read("{\"message\": \"Which?\", \"reasoning\": \"direct\"}");

        assertThat(one.session()).isNotBlank().isNotEqualTo(other.session());
        assertThat(one.prompt()).isNull();
        assertThat(other.prompt()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"message\": \"Which?\"} | false",
                "{\"message\": \"Which?\", \"k\": 3} | false",
                "{\"message\": \"Which?\", \"topic\": \"harbour\"} | true",
                "{\"message\": \"Which?\", \"segment\": \"notices\"} | true",
                "{\"message\": \"Which?\", \"run_id\": \"r\"} | true"
            })
    void shouldSayWhetherItNamesWhatMustBeLookedFor(String json, boolean names) {
        assertThat(read(json).namesAny()).isEqualTo(names);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | body.malformed | message",
                "{\"message\": \" \"} | parameter.invalid | 16000",
                "{\"message\": \"Which?\", \"k\": 0} | parameter.invalid | 'k'",
                "{\"message\": \"Which?\", \"reasoning\": \"hard\"} | body.malformed | step-by-step",
                "{\"message\": \"Which?\", \"sesion_id\": \"s\"} | body.malformed | sesion_id"
            })
    void shouldSayWhatIsWrong(String json, String code, String named) {
        assertThatThrownBy(() -> read(json)).isInstanceOfSatisfying(PenstockException.class, e -> {
            assertThat(e.code().code()).isEqualTo(code);
            assertThat(e.detail()).contains(named);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {".", "..", "a\\u0000", "a\\nb", "a\\u007f", "a\\u009b"})
    void shouldRefuseASessionThatNoPathCanName(String session) {
        assertThatThrownBy(() -> read("{\"message\": \"Which?\", \"session_id\": \"" + session + "\"}"))
                .isInstanceOfSatisfying(PenstockException.class, e -> {
                    assertThat(e.code().code()).isEqualTo("parameter.invalid");
                    assertThat(e.detail()).contains("session_id");
                });
    }

    @Test
    void shouldTakeASessionOfAnyOtherCharacters() {
        assertThat(read("{\"message\": \"Which?\", \"session_id\": \"... quay/1 \u8239\"}")
                        .session())
                .isEqualTo("... quay/1 \u8239");
    }

    @Test
    void shouldRefuseASessionThatIsTooLong() {
        assertThatThrownBy(() -> read("{\"message\": \"Which?\", \"session_id\": \"" + "s".repeat(201) + "\"}"))
                .hasMessageContaining("session_id");
    }
}
