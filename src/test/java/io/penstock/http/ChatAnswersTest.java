package io.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.chat.ChatTimeoutException;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schema.ChatAnswer;
import io.penstock.schema.ChatError;
import io.penstock.schema.ChatReply;
import io.penstock.schema.Citation;
import io.penstock.schema.Turn;
import io.penstock.schema.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChatAnswersTest {
    private static final Citation CITATION =
            new Citation(1, "harbour", "notices", "plain", "n-1", "Notice", "inline:n-1", "words", 0, 5, 1.0);
    private static final Usage USAGE = new Usage(11, 7, 2);

    private static ChatReply.Builder reply() {
        return ChatReply.newBuilder()
                .setRequestId("request-1")
                .setSessionId("session-1")
                .setAt(Instant.EPOCH);
    }

    @Test
    void shouldGiveAnAnswerAndItsTurnTheSameShape() {
        JsonNode answer = ChatAnswers.json(
                reply().setAnswer(new ChatAnswer("Closed [1].", true, "test", List.of(CITATION), USAGE, false))
                        .build());
        Turn turn = Turn.newBuilder()
                .setRequestId("request-1")
                .setMessage("Which?")
                .setReply("Closed [1].")
                .setAt(Instant.EPOCH)
                .setCitations(List.of(CITATION))
                .setAnswerer("test")
                .setUsage(USAGE)
                .build();

        JsonNode remembered = ChatAnswers.json("session-1", turn);

        assertThat(answer.fieldNames())
                .toIterable()
                .containsExactly("reply", "answered", "answerer", "citations", "session_id", "request_id", "usage");
        answer.properties()
                .forEach(field -> assertThat(remembered.get(field.getKey()))
                        .as(field.getKey())
                        .isEqualTo(field.getValue()));
        assertThat(remembered.path("message").asText()).isEqualTo("Which?");
        assertThat(remembered.path("at").asText()).isEqualTo("1970-01-01T00:00:00Z");
    }

    @Test
    void shouldAnswerAnErrorAsTheProblemThatItTells() {
        var response = ChatAnswers.response(
                reply().setError(new ChatError("llm.timeout", 504, "Slow.")).build());

        assertThat(response.getStatus()).isEqualTo(504);
        assertThat(response.getEntity().toString()).contains("llm.timeout", "Slow.");
    }

    @Test
    void shouldEscapeWhatAPathCannotHold() {
        assertThat(ChatAnswers.turn("quay/one & two?", "r-1"))
                .isEqualTo("/api/conversations/quay%2Fone%20%26%20two%3F/turns/r-1");
    }

    @Test
    void shouldTellOfOtherErrorsNoMoreThanAProblemHas() {
        JsonNode problem = ChatAnswers.problem(new PenstockException(ErrorCode.BUSY, "Later."));

        assertThat(problem.fieldNames()).toIterable().containsExactly("type", "title", "status", "code", "detail");
    }

    @Test
    void shouldSayWhereALateAnswerWillBeIfItWillBeAnywhere() {
        Duration patience = Duration.ofSeconds(5);

        JsonNode remembered = ChatAnswers.problem(ChatTimeoutException.after(patience, "r-1", "s", true));
        JsonNode order = ChatAnswers.problem(ChatTimeoutException.after(patience, "r-1", "s", false));

        assertThat(remembered.path("href").asText()).isEqualTo("/api/conversations/s/turns/r-1");
        assertThat(order.has("href")).isFalse();
        assertThat(order.path("request_id").asText()).isEqualTo("r-1");
    }
}
