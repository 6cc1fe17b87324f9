package io.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.error.ErrorCode;
import jakarta.ws.rs.core.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProblemTest {
    @ParameterizedTest
    @EnumSource(ErrorCode.class)
    void shouldShowEveryCodeAsAProblem(ErrorCode code) {
        Response response = Problem.response(code, "What to do.");

        assertThat(response.getStatus()).isEqualTo(code.status());
        assertThat(response.getMediaType().toString()).isEqualTo("application/problem+json");
        JsonNode body = (JsonNode) response.getEntity();
        assertThat(body.get("type").textValue()).isEqualTo("about:blank");
        assertThat(body.get("title").textValue()).isNotBlank();
        assertThat(body.get("status").intValue()).isEqualTo(code.status());
        assertThat(body.get("code").textValue()).isEqualTo(code.code());
        assertThat(body.get("detail").textValue()).isEqualTo("What to do.");
    }

    @Test
    void shouldSayWhenToTryAgainAndHowToShowTheKey() {
        assertThat(Problem.response(ErrorCode.NOT_READY, "").getHeaderString("Retry-After"))
                .isEqualTo("1");
        assertThat(Problem.response(ErrorCode.BUSY, "").getHeaderString("Retry-After"))
                .isEqualTo("1");
        assertThat(Problem.response(ErrorCode.KEY_MISSING, "").getHeaderString("WWW-Authenticate"))
                .startsWith("Bearer");
        Response plain = Problem.response(ErrorCode.TOPIC_UNKNOWN, "");
        assertThat(plain.getHeaderString("Retry-After")).isNull();
        assertThat(plain.getHeaderString("WWW-Authenticate")).isNull();
    }

    @Test
    void shouldManageAStatusThatHasNoName() {
        JsonNode body = (JsonNode) Problem.response(599, "odd", "Odd.").getEntity();

        assertThat(body.get("title").textValue()).isEqualTo("Error");
    }
}
