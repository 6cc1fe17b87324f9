package io.penstock.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.answer.Question;
import io.penstock.kafka.Topics;
import io.penstock.schema.ChatReply;
import io.penstock.schema.ChatRequest;
import io.penstock.schema.FenceAck;
import io.penstock.schema.Turn;
import io.penstock.topology.DrivenTopology.Out;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is not a question: to cancel one, and to forget a conversation. */
class ChatOrdersTest extends DrivenChat {
    @Test
    void shouldGiveUpARequestThatIsCancelled() {
        calls.hold = true;
        send(request("r1", "s1", "What?").build(), headers("c-1", "0"));
        Runnable call = calls.held.element();
        send(cancel("r1", "s1"), headers("c-9", "3"));

        Out<ChatReply> reply = onlyReply();
        assertThat(reply.key()).as("where the headers of the order say").isEqualTo("c-9/3");
        assertThat(reply.value().getRequestId()).isEqualTo("r1");
        assertThat(reply.value().getSessionId()).isEqualTo("s1");
        assertThat(reply.value().getLast()).isTrue();
        assertThat(reply.value().getError().getCode()).isEqualTo("chat.cancelled");
        assertThat(calls.interrupted).containsExactly(call);
        calls.hold = false;
        settle();
        assertThat(replies()).isEmpty();
        assertThat(conversation("s1")).isNull();
        assertNoLetters();
    }

    @Test
    void shouldAnswerTheNextQuestionOfTheSessionWithoutTheCancelledOne() {
        calls.hold = true;
        send(request("r1", "s1", "First").build(), headers("c-1", "0"));
        send(request("r2", "s1", "Second").build(), headers("c-2", "0"));
        send(request("r3", "s1", "Third").build(), headers("c-3", "0"));
        send(cancel("r1", "s1"), headers("c-1", "0"));
        send(cancel("r2", "s1"), headers("c-2", "0"));
        calls.hold = false;
        settle();

        List<ChatReply> replies = replies();
        assertThat(replies).extracting(ChatReply::getRequestId).containsExactly("r1", "r2", "r3");
        assertThat(replies.getLast().getError()).isNull();
        assertThat(questions.getLast().text()).isEqualTo("Third");
        assertThat(questions.getLast().history()).isEmpty();
        assertThat(turns("s1")).extracting(Turn::getRequestId).containsExactly("r3");
    }

    @Test
    void shouldCancelNoRequestOfAnotherSession() {
        calls.hold = true;
        send(request("r1", "s1", "What?").build(), headers("c-1", "0"));
        send(request("r2", "s1", "What?").build(), headers("c-2", "0"));
        send(cancel("r1", "s2"), headers("c-9", "0"));
        send(cancel("r3", "s1"), headers("c-9", "0"));
        calls.hold = false;
        settle();

        List<ChatReply> replies = replies();
        assertThat(replies).hasSize(4);
        assertThat(replies.subList(0, 2))
                .allSatisfy(reply -> assertThat(reply.getError().getDetail()).contains("is not being answered"));
        assertThat(replies.subList(2, 4)).extracting(ChatReply::getError).containsOnlyNulls();
    }

    @Test
    void shouldPassOnNoPartOfACancelledRequestAnyMore() {
        telling = listener -> {
            listener.onText("Twelve");
            driven.advance(Duration.ofMillis(5));
            assertThat(replies()).hasSize(1);
            send(cancel("r1", "s1"), headers("c-1", "0"));
            assertThat(replies()).extracting(ChatReply::getLast).containsExactly(true);
            calls.advance(Duration.ofSeconds(1));
            listener.onText(" roses");
        };
        calls.hold = true;
        ask(request("r1", "s1", "What?").setStream(true).build());

        assertThat(replies()).isEmpty();
    }

    @Test
    void shouldForgetAConversationOnceWhatWasAskedBeforeIsAnswered() {
        ask(request("r1", "s1", "First").build());
        ask(request("other", "s2", "Elsewhere").build());
        replies();
        calls.hold = true;
        send(request("r2", "s1", "Second").build(), headers("c-2", "0"));
        send(forget("f1", "s1"), headers("c-3", "5"));
        send(request("r3", "s1", "Third").build(), headers("c-4", "0"));
        assertThat(replies()).as("the second question is still being answered").isEmpty();
        calls.hold = false;
        settle();

        List<Out<ChatReply>> replies = driven.read(Topics.CHAT_REPLY, ChatReply.class);
        assertThat(replies).extracting(reply -> reply.value().getRequestId()).containsExactly("r2", "f1", "r3");
        Out<ChatReply> forgotten = replies.get(1);
        assertThat(forgotten.key()).isEqualTo("c-3/5");
        assertThat(forgotten.value().getForgottenTurns()).isEqualTo(2);
        assertThat(forgotten.value().getSessionId()).isEqualTo("s1");
        assertThat(forgotten.value().getAnswer()).isNull();
        assertThat(forgotten.value().getError()).isNull();
        assertThat(questions).last().extracting(Question::history).isEqualTo(List.of());
        assertThat(turns("s1")).extracting(Turn::getRequestId).containsExactly("r3");
        assertThat(turns("s2")).hasSize(1);
        assertNoLetters();
    }

    @Test
    void shouldForgetNothingWhereNothingIsRemembered() {
        ask(forget("f1", "s1"));

        assertThat(onlyReply().value().getForgottenTurns()).isZero();
    }

    @Test
    void shouldStillPassFencesOfWhatIsDeleted() {
        calls.hold = true;
        send(request("r1", "s1", "What?").build(), headers("c-1", "0"));
        send(fence("garden", null), headers("c-2", "0"));

        assertThat(driven.values(Topics.FENCE_ACK, FenceAck.class)).hasSize(1);
        assertThat(replies()).isEmpty();
        calls.hold = false;
        settle();
        assertThat(onlyReply().value().getError()).isNull();
    }

    @Test
    void shouldDeadLetterOrdersThatNameNoSessionOrNoRequest() {
        send(cancel("", "s1"), headers("c-1", "0"));
        send(cancel("r1", " "), headers("c-1", "0"));
        send(forget("f1", ""), headers("c-1", "0"));
        send(forget("", "s1"), headers("c-1", "0"));
        send(cancel("r1", "s1"), headers("c-1", "16"));
        send(request("r".repeat(1_001), "s1", "What?").build(), headers("c-1", "0"));
        send(request("r1", "s".repeat(1_001), "What?").build(), headers("c-1", "0"));
        send(request("r1", "s1", "a".repeat(100_001)).build(), headers("c-1", "0"));

        assertThat(driven.deadLetters(ChatTopology.NAME))
                .hasSize(8)
                .allSatisfy(letter -> assertThat(letter.code()).isEqualTo("record.invalid"));
        assertThat(replies()).isEmpty();
    }

    private static ChatRequest forget(String id, String session) {
        return request(id, session, "").setForget(true).build();
    }
}
