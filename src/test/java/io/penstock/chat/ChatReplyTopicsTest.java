package io.penstock.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.penstock.chat.TopicsOfOthers.Written;
import io.penstock.kafka.Topics;
import io.penstock.schema.ChatReply;
import io.penstock.schema.ChatRequest;
import io.penstock.stage.CallException;
import io.penstock.topology.DrivenTopology.Letter;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.header.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Replies that go to topics of others. */
class ChatReplyTopicsTest extends DrivenChat {
    private static final String MINE = "chat.reply.mine";
    private static final Headers TO_MINE = headers(MINE, "c-1", "5");

    @Test
    void shouldReplyToATopicThatIsThereInPartsToo() {
        others.there.put(MINE, 6);
        send(request("r1", "s1", "What?").setStream(true).build(), TO_MINE);
        settle();

        assertThat(others.written).extracting(Written::topic).containsOnly(MINE);
        assertThat(others.written).extracting(Written::partition).containsOnly(5);
        assertThat(others.written).extracting(Written::key).containsOnly("c-1/5");
        assertThat(others.written)
                .allSatisfy(written -> assertThat(ChatHeaders.text(written.headers(), ChatHeaders.CORRELATION_ID))
                        .contains("c-1"));
        List<ChatReply> replies = written();
        assertThat(replies).extracting(ChatReply::getSeq).containsExactly(0, 1, 2);
        assertThat(replies.getLast().getAnswer().getReply()).isEqualTo("Reply 1");
        assertThat(replies()).isEmpty();
        assertThat(turns("s1")).hasSize(1);
        assertNoLetters();
    }

    @Test
    void shouldNotAnswerForATopicOrPartitionThatIsNotThere() {
        others.there.put(MINE, 5);
        ChatRequest request = request("r1", "s1", "What?").build();
        send(request, TO_MINE);
        settle();
        send(request, headers("chat.reply.yours", "c-1", "0"));
        settle();

        List<Letter> letters = driven.deadLetters(ChatTopology.NAME);
        assertThat(letters).extracting(Letter::code).containsOnly("chat.reply-undeliverable");
        assertThat(letters)
                .extracting(Letter::message)
                .containsExactly("There is no chat.reply.mine-5.", "There is no chat.reply.yours-0.");
        assertThat(letters)
                .hasSize(2)
                .allSatisfy(letter -> assertThat(letter.value()).isEqualTo(driven.bytes(Topics.CHAT_REQUEST, request)));
        assertThat(questions).as("an answer would cost something").isEmpty();
        assertThat(replies()).isEmpty();
        assertThat(others.written).isEmpty();
    }

    @Test
    void shouldKeepAReplyWhoseTopicVanishesMeanwhile() {
        others.there.put(MINE, 6);
        telling = listener -> {
            others.there.clear();
            listener.onText("Reply");
        };
        send(request("r1", "s1", "What?").setStream(true).build(), TO_MINE);
        settle();
        ask(request("r2", "s1", "And?").build());

        Letter letter = onlyLetter();
        assertThat(letter.code()).isEqualTo("chat.reply-undeliverable");
        assertThat(letter.stage()).isEqualTo("chat-delivery");
        assertThat(letter.key()).isEqualTo("c-1/5");
        ChatReply kept = serdes.codec(ChatReply.class).decode(Objects.requireNonNull(letter.value()));
        assertThat(kept.getRequestId()).isEqualTo("r1");
        assertThat(kept.getLast()).isTrue();
        assertThat(onlyReply().value().getRequestId()).as("others are answered").isEqualTo("r2");
    }

    @Test
    void shouldSendOnlyTheEndOnceAPartCouldNotBeDelivered() {
        others.there.put(MINE, 6);
        others.failing = DeliveryCalls.ATTEMPTS;
        telling = listener -> {
            listener.onText("Reply");
            listener.onText("x".repeat(PartBatch.MUCH));
            listener.onText("y".repeat(PartBatch.MUCH));
        };
        send(request("r1", "s1", "What?").setStream(true).build(), TO_MINE);
        settle();

        assertThat(others.failing)
                .as("the first part was tried as often as may be")
                .isZero();
        assertThat(written()).extracting(ChatReply::getSeq, ChatReply::getLast).containsExactly(tuple(3, true));
        assertNoLetters();
        send(request("r2", "s1", "And?").setStream(true).build(), TO_MINE);
        settle();
        assertThat(written()).as("another reply under the same id").hasSize(5);
    }

    @Test
    void shouldKeepAReplyThatKafkaDoesNotTakeUnderTheSameCode() {
        others.there.put(MINE, 6);
        others.failing = DeliveryCalls.ATTEMPTS;
        send(request("r1", "s1", "What?").build(), TO_MINE);
        for (int attempt = 0; attempt < DeliveryCalls.ATTEMPTS; attempt++) {
            settle();
        }

        Letter letter = onlyLetter();
        assertThat(letter.code()).isEqualTo("chat.reply-undeliverable");
        assertThat(letter.message()).contains("It takes nothing now.");
        assertThat(written()).isEmpty();
    }

    @Test
    void shouldSendPartsThatArriveWhenTheyAreTriedAgain() {
        others.there.put(MINE, 6);
        others.failing = DeliveryCalls.ATTEMPTS - 1;
        send(request("r1", "s1", "What?").setStream(true).build(), TO_MINE);
        settle();
        settle();

        assertThat(written()).extracting(ChatReply::getSeq).containsExactly(0, 1, 2);
    }

    @Test
    void shouldTellATopicOfOthersOfErrorsAndCancellationsAndWhatWasForgotten() {
        others.there.put(MINE, 6);
        failures.add(CallException.permanent("llm.failed", "It broke off."));
        send(request("r1", "s1", "What?").build(), TO_MINE);
        settle();
        send(cancel("r9", "s1"), TO_MINE);
        send(request("f1", "s1", "").setForget(true).build(), TO_MINE);
        settle();

        List<ChatReply> replies = written();
        assertThat(replies.get(0).getError().getCode()).isEqualTo("llm.failed");
        assertThat(replies.get(1).getError().getCode()).isEqualTo("chat.cancelled");
        assertThat(replies.get(2).getForgottenTurns()).isZero();
        assertThat(replies).hasSize(3);
        assertThat(replies()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"chat.replies", "chat.request", "chat.reply.", "chat.reply.a b", "chat.reply.\u00e4", "", "."})
    void shouldReplyToNoTopicOfAnotherName(String topic) {
        others.there.put(topic, 6);
        send(request("r1", "s1", "What?").build(), headers(topic, "c-1", "5"));
        settle();

        assertThat(onlyLetter().code()).isEqualTo("record.invalid");
        assertThat(others.written).isEmpty();
        assertThat(questions).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "1.5", "x", "9999999999"})
    void shouldReplyToNoPartitionThatIsNoNumber(String partition) {
        others.there.put(MINE, 6);
        send(request("r1", "s1", "What?").build(), headers(MINE, "c-1", partition));
        settle();

        assertThat(onlyLetter().code()).isEqualTo("record.invalid");
        assertThat(questions).isEmpty();
    }

    private List<ChatReply> written() {
        return others.written.stream()
                .map(written -> serdes.codec(ChatReply.class).decode(written.value()))
                .toList();
    }
}
