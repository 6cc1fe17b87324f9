package io.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.error.ErrorCode;
import jakarta.ws.rs.core.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class OpenAiErrorTest {
    @ParameterizedTest
    @EnumSource(ErrorCode.class)
    void shouldShowEveryCodeInOpenAisFormBelowV1(ErrorCode code) {
        Response response = Problem.at("/v1/models", code, "What to do.");

        assertThat(response.getStatus()).isEqualTo(code.status());
        assertThat(response.getMediaType().toString()).isEqualTo("application/json");
        JsonNode body = (JsonNode) response.getEntity();
        assertThat(body).hasSize(1);
        assertThat(body.get("error").properties()).hasSize(4);
        assertThat(body.at("/error/message").textValue()).isEqualTo("What to do.");
        assertThat(body.at("/error/code").textValue()).isEqualTo(code.code());
        assertThat(body.at("/error/param").isNull()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "KEY_WRONG, invalid_request_error",
        "MODEL_UNKNOWN, invalid_request_error",
        "BUSY, rate_limit_error",
        "INTERNAL, server_error",
        "NOT_READY, server_error"
    })
    void shouldNameTheTypeThatClientsLookFor(ErrorCode code, String type) {
        JsonNode body = (JsonNode) OpenAiError.response(code, "", "n").getEntity();

        assertThat(body.at("/error/type").textValue()).isEqualTo(type);
        assertThat(body.at("/error/param").textValue()).isEqualTo("n");
    }

    @Test
    void shouldSayWhenToTryAgainAndHowToShowTheKey() {
        assertThat(Problem.at("/v1/embeddings", ErrorCode.BUSY, "").getHeaderString("Retry-After"))
                .isEqualTo("1");
        assertThat(Problem.at("/v1/embeddings", ErrorCode.KEY_WRONG, "").getHeaderString("WWW-Authenticate"))
                .contains("invalid_token");
    }

    @ParameterizedTest
    @EnumSource(ErrorCode.class)
    void shouldHaveNoClientRepeatAQuestionThatTookTooLong(ErrorCode code) {
        assertThat(Problem.at("/v1/chat/completions", code, "").getHeaderString("x-should-retry"))
                .isEqualTo(code.status() == 504 ? "false" : null);
    }

    @ParameterizedTest
    @CsvSource({
        "/v1, application/json",
        "/v1/, application/json",
        "/v1/nothing/here, application/json",
        "/v10, application/problem+json",
        "/v1models, application/problem+json",
        "/api/chat, application/problem+json",
        "/api/v1/, application/problem+json"
    })
    void shouldChooseTheFormByThePath(String path, String type) {
        assertThat(Problem.at(path, ErrorCode.PATH_UNKNOWN, "").getMediaType().toString())
                .isEqualTo(type);
    }
}
