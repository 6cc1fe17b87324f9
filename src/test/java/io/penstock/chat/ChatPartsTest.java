package io.penstock.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.kafka.Topics;
import io.penstock.schema.ChatReply;
import io.penstock.schema.Citation;
import io.penstock.stage.CallException;
import io.penstock.topology.DrivenTopology.Out;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Replies that are told in parts. */
class ChatPartsTest extends DrivenChat {
    private static final Citation CANDIDATE = Citation.newBuilder()
            .setN(1)
            .setTopic("garden")
            .setSegment("beds")
            .setItem("roses")
            .setUri("file:roses")
            .setText("Twelve roses.")
            .setStart(4)
            .setEnd(17)
            .setScore(0.5)
            .build();

    @Test
    void shouldTellCitationsThenTextThenTheWhole() {
        reply = "Twelve. [1]";
        telling = listener -> {
            listener.onCitations(List.of(CANDIDATE));
            listener.onText("Twelve");
            listener.onText(". [");
            calls.advance(Duration.ofMillis(60));
            listener.onText("1]");
        };

        ask(request("r1", "s1", "How many roses?").setStream(true).build(), "c-77", "13");

        List<Out<ChatReply>> records = driven.read(Topics.CHAT_REPLY, ChatReply.class);
        assertThat(records).extracting(Out::key).containsOnly("c-77/13");
        assertThat(records)
                .extracting(record -> record.header(ChatHeaders.CORRELATION_ID))
                .containsOnly("c-77");
        List<ChatReply> replies = records.stream().map(Out::value).toList();
        assertThat(replies).extracting(ChatReply::getSeq).containsExactly(0, 1, 2, 3);
        assertThat(replies).extracting(ChatReply::getLast).containsExactly(false, false, false, true);
        assertThat(replies).extracting(ChatReply::getAttempt).containsOnly(1);
        assertThat(replies).extracting(ChatReply::getRequestId).containsOnly("r1");
        assertThat(replies).extracting(ChatReply::getSessionId).containsOnly("s1");
        assertThat(replies).extracting(ChatReply::getExecution).hasSize(4).doesNotContain("");
        assertThat(replies.stream().map(ChatReply::getExecution).distinct()).hasSize(1);
        assertThat(replies.get(0).getCitations()).containsExactly(CANDIDATE);
        assertThat(replies.get(0).getText()).isNull();
        assertThat(replies.get(1).getText()).isEqualTo("Twelve");
        assertThat(replies.get(1).getCitations()).isNull();
        assertThat(replies.get(2).getText()).isEqualTo(". [");
        assertThat(replies.get(2).getTextStart()).isEqualTo(6);
        ChatReply last = replies.get(3);
        assertThat(last.getAnswer().getReply()).isEqualTo("Twelve. [1]");
        assertThat(last.getAnswer().getCitations()).hasSize(1);
        assertThat(last.getText()).isNull();
        assertNoLetters();
    }

    @Test
    void shouldTellAQuestionThatIsNotStreamedTheWholeOnly() {
        ask(request("r1", "s1", "What?").build());

        ChatReply whole = onlyReply().value();
        assertThat(whole.getSeq()).isZero();
        assertThat(whole.getLast()).isTrue();
        assertThat(whole.getExecution()).isNotEmpty();
    }

    @Test
    void shouldTellWhatWasWrittenBeforeThePauseOfAModel() {
        reply = "Twelve roses.";
        calls.hold = true;
        telling = listener -> {
            listener.onText("Twelve");
            listener.onText(" ros");
            driven.advance(Duration.ofMillis(5));
            assertThat(replies()).extracting(ChatReply::getText).containsExactly("Twelve");
            calls.advance(Duration.ofMillis(50));
            driven.advance(Duration.ofMillis(5));
            assertThat(replies()).extracting(ChatReply::getText).containsExactly(" ros");
        };
        ask(request("r1", "s1", "What?").setStream(true).build());

        assertThat(onlyReply().value().getSeq()).isEqualTo(2);
    }

    @Test
    void shouldTellAnAttemptThatIsMadeAgainUnderAnotherExecution() {
        failures.add(CallException.retryable("llm.unreachable", "It broke off.", null));
        ask(request("r1", "s1", "What?").setStream(true).build());

        List<ChatReply> replies = replies();
        assertThat(replies).extracting(ChatReply::getAttempt).containsExactly(1, 1, 2, 2, 2);
        assertThat(replies).extracting(ChatReply::getSeq).containsExactly(0, 1, 0, 1, 2);
        assertThat(replies).extracting(ChatReply::getLast).containsExactly(false, false, false, false, true);
        assertThat(replies.get(1).getExecution()).isEqualTo(replies.get(0).getExecution());
        assertThat(replies.get(2).getExecution()).isNotEqualTo(replies.get(0).getExecution());
        assertThat(replies.get(4).getExecution()).isEqualTo(replies.get(2).getExecution());
    }

    @Test
    void shouldTellARepeatedRequestUnderAnotherExecution() {
        ask(request("r1", "s1", "What?").build());
        ask(request("r1", "s1", "What?").build());

        List<ChatReply> replies = replies();
        assertThat(replies).extracting(ChatReply::getAttempt).containsExactly(1, 1);
        assertThat(replies.get(1).getExecution()).isNotEqualTo(replies.get(0).getExecution());
    }

    @Test
    void shouldEndWithTheErrorWhenTheReplyBreaksOffForGood() {
        failures.add(CallException.permanent("llm.failed", "It broke off."));
        ask(request("r1", "s1", "What?").setStream(true).build());

        List<ChatReply> replies = replies();
        assertThat(replies).extracting(ChatReply::getLast).containsExactly(false, false, true);
        assertThat(replies.getLast().getError().getCode()).isEqualTo("llm.failed");
        assertThat(onlyLetter().code()).isEqualTo("llm.failed");
    }

    @Test
    void shouldRefuseToPassOnAReplyThatFitsIntoNoRecord() {
        reply = "a".repeat(1_000_001);
        ask(request("r1", "s1", "What?").build());

        assertThat(onlyReply().value().getError().getCode()).isEqualTo("llm.failed");
        assertThat(conversation("s1")).isNull();
    }
}
