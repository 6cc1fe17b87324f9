package io.penstock.http.openai;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.chat.EventId;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schema.ChatAnswer;
import io.penstock.schema.ChatReply;
import io.penstock.schema.Citation;
import io.penstock.schema.Usage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CompletionStreamTest {
    private static final EventId ID = new EventId(3, 14, 1, "r-1");
    private static final Citation CITATION = Citation.newBuilder()
            .setN(1)
            .setTopic("harbour")
            .setSegment("notices")
            .setItem("n-17")
            .setUri("inline:n-17")
            .setText("closed")
            .setStart(0)
            .setEnd(6)
            .setScore(1)
            .build();

    private final List<PenstockException> refusals = new ArrayList<>();
    private final Sent sent = new Sent();

    /** What a client has got. */
    private static final class Sent implements Chunks {
        private final List<String> lines = new ArrayList<>();
        private boolean ended;

        @Override
        public void send(String data) {
            assertThat(ended).isFalse();
            lines.add(data);
        }

        @Override
        public void end() {
            assertThat(ended).isFalse();
            ended = true;
        }

        List<JsonNode> chunks() {
            return lines.stream()
                    .filter(line -> !line.equals("[DONE]"))
                    .map(Json::of)
                    .toList();
        }

        String text() {
            StringBuilder text = new StringBuilder();
            chunks().forEach(chunk ->
                    text.append(chunk.at("/choices/0/delta/content").asText()));
            return text.toString();
        }

        boolean isWhole() {
            return ended && lines.getLast().equals("[DONE]");
        }
    }

    private CompletionStream stream(boolean usage) {
        return new CompletionStream(
                new CompletionJson("r-1", Instant.EPOCH, "penstock", usage), usage, sent, refusals::add);
    }

    private static ChatReply reply(String text) {
        return ChatReply.newBuilder()
                .setRequestId("r-1")
                .setSessionId("s-1")
                .setAt(Instant.EPOCH)
                .setAnswer(ChatAnswer.newBuilder()
                        .setReply(text)
                        .setAnswered(true)
                        .setAnswerer("extractive")
                        .setCitations(List.of(CITATION))
                        .setUsage(new Usage(1, 2, 3))
                        .build())
                .build();
    }

    @Test
    void shouldSendCitationsThenTextThenTheEndThenTheUsage() {
        CompletionStream stream = stream(true);
        stream.onStart(ID);
        assertThat(sent.lines).isEmpty();
        stream.onCitations(List.of(CITATION));
        stream.onText("The north ", ID);
        stream.onText("quay.", ID);
        assertThat(sent.chunks()).hasSize(3);
        stream.onDone(reply("The north quay."), ID);

        List<JsonNode> chunks = sent.chunks();
        assertThat(chunks).hasSize(5);
        assertThat(chunks.get(0).at("/choices/0/delta/role").textValue()).isEqualTo("assistant");
        assertThat(chunks.get(0).at("/choices/0/citations/0/item").textValue()).isEqualTo("n-17");
        assertThat(chunks.get(3).at("/choices/0/finish_reason").textValue()).isEqualTo("stop");
        assertThat(chunks.get(3).at("/choices/0/citations")).hasSize(1);
        assertThat(chunks.get(4).at("/usage/total_tokens").intValue()).isEqualTo(3);
        assertThat(sent.text()).isEqualTo("The north quay.");
        assertThat(sent.isWhole()).isTrue();
        assertThat(refusals).isEmpty();
    }

    @Test
    void shouldSendNoUsageUnlessAskedTo() {
        CompletionStream stream = stream(false);
        stream.onText("Yes.", ID);
        stream.onDone(reply("Yes."), ID);

        assertThat(sent.chunks()).hasSize(3).noneMatch(chunk -> chunk.has("usage"));
        assertThat(sent.chunks().getFirst().at("/choices/0/citations").isArray())
                .isTrue();
        assertThat(sent.isWhole()).isTrue();
    }

    @Test
    void shouldLeaveItToAnOrdinaryErrorToSayWhyThereIsNoStream() {
        CompletionStream stream = stream(true);
        stream.onStart(ID);
        PenstockException error = new PenstockException(ErrorCode.LLM_UNREACHABLE, "It cannot be reached.");
        stream.onError(error);
        stream.onError(error);

        assertThat(refusals).containsExactly(error);
        assertThat(sent.lines).isEmpty();
        assertThat(sent.ended).isFalse();
    }

    @Test
    void shouldEndWithAnErrorWhatFailsOnTheWay() {
        CompletionStream stream = stream(true);
        stream.onCitations(List.of());
        stream.onText("The", ID);
        stream.onError(new PenstockException(ErrorCode.LLM_FAILED, "It failed."));
        stream.onText(" north", ID);
        stream.onDone(reply("The north"), ID);

        assertThat(sent.chunks()).hasSize(3);
        assertThat(sent.chunks().getLast())
                .isEqualTo(Json.of("{'error':{'message':'It failed.','type':'server_error','param':null,"
                        + "'code':'llm.failed'}}"));
        assertThat(sent.ended).isTrue();
        assertThat(sent.isWhole()).isFalse();
        assertThat(refusals).isEmpty();
    }

    @Test
    void shouldGoOnUnseenWhereTheReplyIsMadeAnewAndTheSame() {
        CompletionStream stream = stream(false);
        stream.onCitations(List.of(CITATION));
        stream.onText("The north quay", ID);
        stream.onReset(2);
        stream.onCitations(List.of(CITATION));
        stream.onText("The ", ID);
        stream.onText("north", ID);
        stream.onText(" quay is closed", ID);
        stream.onText(".", ID);
        stream.onDone(reply("The north quay is closed."), ID);

        assertThat(sent.text()).isEqualTo("The north quay is closed.");
        assertThat(sent.chunks().stream().filter(chunk -> chunk.at("/choices/0").has("citations")))
                .hasSize(2);
        assertThat(sent.isWhole()).isTrue();
    }

    @Test
    void shouldSayThatTheReplyBecameAnotherThanWhatWasSent() {
        CompletionStream stream = stream(false);
        stream.onText("The north quay", ID);
        stream.onReset(2);
        stream.onText("The n", ID);
        stream.onText("ew quay", ID);
        stream.onDone(reply("The new quay"), ID);

        assertThat(sent.text()).isEqualTo("The north quay");
        assertThat(sent.chunks().getLast().at("/error/code").textValue()).isEqualTo("not-ready");
        assertThat(sent.isWhole()).isFalse();
        assertThat(sent.ended).isTrue();
    }

    @Test
    void shouldSayThatTheReplyBecameShorterThanWhatWasSent() {
        CompletionStream stream = stream(false);
        stream.onText("The north quay", ID);
        stream.onReset(2);
        stream.onText("The", ID);
        stream.onDone(reply("The"), ID);

        assertThat(sent.chunks().getLast().has("error")).isTrue();
        assertThat(sent.ended).isTrue();
    }

    @Test
    void shouldForgetNothingWhenThereWasNothingYet() {
        CompletionStream stream = stream(false);
        stream.onReset(2);
        stream.onDone(reply(""), ID);

        assertThat(sent.chunks()).hasSize(2);
        assertThat(sent.chunks().getFirst().at("/choices/0/citations")).hasSize(1);
        assertThat(sent.isWhole()).isTrue();
    }
}
