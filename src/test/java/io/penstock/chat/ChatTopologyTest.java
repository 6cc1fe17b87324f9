package io.penstock.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.answer.Passage;
import io.penstock.answer.Question;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.Topics;
import io.penstock.schema.ChatAnswer;
import io.penstock.schema.ChatReply;
import io.penstock.schema.ChatRequest;
import io.penstock.schema.Citation;
import io.penstock.schema.FenceAck;
import io.penstock.schema.Turn;
import io.penstock.stage.CallException;
import io.penstock.topology.DrivenTopology.Letter;
import io.penstock.topology.DrivenTopology.Out;
import io.penstock.topology.PinnedTopology;
import io.penstock.vector.SearchMode;
import io.penstock.vector.SearchRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChatTopologyTest extends DrivenChat {
    @Test
    void shouldReplyToWhoeverAskedWithTheAnswerAndItsCitations() {
        ask(
                request("r1", "s1", "How many roses?")
                        .setTopic("garden")
                        .setSegment("beds")
                        .setK(3)
                        .build(),
                "c-77",
                "13");

        Out<ChatReply> reply = onlyReply();
        assertThat(reply.key()).isEqualTo("c-77/13");
        assertThat(reply.header(ChatHeaders.CORRELATION_ID)).isEqualTo("c-77");
        assertThat(reply.value().getRequestId()).isEqualTo("r1");
        assertThat(reply.value().getSessionId()).isEqualTo("s1");
        assertThat(reply.value().getAttempt()).isEqualTo(1);
        assertThat(reply.value().getError()).isNull();
        ChatAnswer answer = reply.value().getAnswer();
        assertThat(answer.getReply()).isEqualTo("Reply 1");
        assertThat(answer.getCitations()).extracting(Citation::getText).containsExactly("Twelve roses.");
        assertThat(answer.getUsage().getPassages()).isEqualTo(1);
        assertThat(searches)
                .containsExactly(new SearchRequest("How many roses?", "garden", "beds", 3, SearchMode.HYBRID));
        Passage passage = questions.getFirst().passages().getFirst();
        assertThat(passage)
                .isEqualTo(new Passage(
                        "id", "garden", "beds", "p", "roses", "Roses", "file:roses", "Twelve roses.", 4, 17, 0.5));
        assertNoLetters();
    }

    @Test
    void shouldRetrieveNothingWhenTheAnswererLooksAtNoPassages() {
        needsPassages = false;

        ask(request("r1", "s1", "How many roses?").build());

        assertThat(onlyReply().value().getAnswer().getReply()).isEqualTo("Reply 1");
        assertThat(searches).isEmpty();
        assertThat(questions.getFirst().passages()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({",8", "0,1", "-5,1", "50,50", "1000,50"})
    void shouldRetrieveAsManyPassagesAsAskedForWithinBounds(@Nullable Integer asked, int retrieved) {
        ask(request("r1", "s1", "What?").setK(asked).build());

        assertThat(searches).extracting(SearchRequest::k).containsExactly(retrieved);
    }

    @Test
    void shouldHandEarlierTurnsToTheAnswererAndKeepTheLast() {
        for (int i = 1; i <= 5; i++) {
            ask(request("r" + i, "s1", "Question " + i).build());
        }
        ask(request("other", "s2", "Elsewhere").build());

        assertThat(questions.get(0).history()).isEmpty();
        assertThat(questions.get(1).history()).containsExactly(new Question.Exchange("Question 1", "Reply 1"));
        assertThat(questions.get(4).history())
                .extracting(Question.Exchange::question)
                .containsExactly("Question 2", "Question 3", "Question 4");
        assertThat(questions.get(5).history()).as("another session").isEmpty();
        assertThat(turns("s1")).extracting(Turn::getRequestId).containsExactly("r3", "r4", "r5");
        assertThat(turns("s1").getLast().getReply()).isEqualTo("Reply 5");
    }

    @Test
    void shouldAnswerTheRequestsOfASessionInTheirOrder() {
        calls.hold = true;
        send(request("r1", "s1", "First").build(), headers("c1", "0"));
        send(request("r2", "s1", "Second").build(), headers("c2", "0"));
        send(request("r3", "s2", "Elsewhere").build(), headers("c3", "0"));
        assertThat(calls.held).as("one of each session").hasSize(2);

        settle();

        assertThat(questions).extracting(Question::text).containsExactly("First", "Elsewhere", "Second");
        assertThat(questions.getLast().history())
                .extracting(Question.Exchange::question)
                .containsExactly("First");
    }

    @Test
    void shouldTryAgainAndSayWhichAttemptAnswered() {
        failures.add(CallException.retryable("llm.timeout", "Too slow.", null));
        ask(request("r1", "s1", "What?").build());

        assertThat(onlyReply().value().getAttempt()).isEqualTo(2);
        assertNoLetters();
    }

    @Test
    void shouldTellWhoeverAskedThatThereIsNoAnswerAndWhy() {
        failures.add(CallException.permanent("llm.unauthorized", "OPENAI_API_KEY was refused by example.org."));
        ChatRequest request = request("r1", "s1", "What?").build();
        ask(request, "c-1", "3");

        Out<ChatReply> reply = onlyReply();
        assertThat(reply.key()).isEqualTo("c-1/3");
        assertThat(reply.value().getAnswer()).isNull();
        assertThat(reply.value().getError().getCode()).isEqualTo("llm.unauthorized");
        assertThat(reply.value().getError().getStatus()).isEqualTo(502);
        assertThat(reply.value().getError().getDetail()).contains("OPENAI_API_KEY");
        Letter letter = onlyLetter();
        assertThat(letter.code()).isEqualTo("llm.unauthorized");
        assertThat(letter.value()).isEqualTo(driven.bytes(Topics.CHAT_REQUEST, request));
        assertThat(conversation("s1")).isNull();
    }

    @Test
    void shouldWaitAsLongAsTheModelAsksIfTheCallerCanWait() {
        failures.add(CallException.retryAfter("llm.failed", "Slow down.", Duration.ofSeconds(30)));
        ask(request("r1", "s1", "What?").build());
        assertThat(driven.read(Topics.CHAT_REPLY, ChatReply.class)).isEmpty();

        step(Duration.ofSeconds(30));
        settle();

        assertThat(onlyReply().value().getAttempt()).isEqualTo(2);
    }

    @Test
    void shouldAnswerAtOnceWhenAnotherAttemptWouldOutlastTheCaller() {
        failures.add(CallException.retryAfter("llm.failed", "Slow down for an hour.", Duration.ofMinutes(10)));
        ask(request("r1", "s1", "What?").build());

        assertThat(onlyReply().value().getError().getCode()).isEqualTo("llm.failed");
        assertThat(onlyLetter().code()).isEqualTo("llm.failed");

        failures.add(CallException.retryable("llm.timeout", "Nothing for long.", null));
        step(Duration.ofSeconds(61));
        ask(request("r2", "s1", "And?").build());

        assertThat(onlyReply().value().getError().getCode())
                .as("a minute of the two is over, and an attempt may take one")
                .isEqualTo("llm.timeout");
    }

    @Test
    void shouldLetCallersWaitForAWholeAttempt() {
        assertThat(SETTINGS.patience()).isEqualTo(Duration.ofMinutes(2));
        assertThat(SETTINGS.withCallTimeoutOfAtLeast(Duration.ofMinutes(5)).patience())
                .isGreaterThan(Duration.ofMinutes(5));
    }

    @Test
    void shouldSayThatTheIndexCannotBeAskedAfterTheSecondAttempt() {
        searchFailure = new PenstockException(ErrorCode.SHARD_UNAVAILABLE, "No shard answered.");
        ask(request("r1", "s1", "What?").build());

        ChatReply reply = onlyReply().value();
        assertThat(reply.getError().getCode()).isEqualTo("shard.unavailable");
        assertThat(reply.getError().getStatus()).isEqualTo(503);
        assertThat(reply.getAttempt()).isEqualTo(2);
    }

    @Test
    void shouldEndAnAnswerThatTakesTooLong() {
        calls.hold = true;
        send(request("r1", "s1", "What?").build(), headers("c-1", "0"));
        for (int i = 0; i < 130; i++) {
            step(Duration.ofSeconds(1));
        }

        ChatReply reply = onlyReply().value();
        assertThat(reply.getError().getCode()).isEqualTo("chat.timeout");
        assertThat(reply.getError().getStatus()).isEqualTo(504);
    }

    @Test
    void shouldNotTryAgainAfterATimeoutWhenAnotherAttemptWouldOutlastTheCaller() {
        calls.hold = true;
        send(request("r1", "s1", "What?").build(), headers("c-1", "0"));
        for (int i = 0; i < 65; i++) {
            step(Duration.ofSeconds(1));
        }

        assertThat(onlyReply().value().getError().getCode()).isEqualTo("chat.timeout");
        assertThat(calls.held).as("attempts").hasSize(1);
    }

    @Test
    void shouldNotHoldUpASessionForAQuestionThatNobodyWaitsForAnyMore() {
        Instant longAgo = START.minus(SETTINGS.patience()).minusSeconds(31);
        calls.hold = true;
        send(request("r1", "s1", "Old?").setRequestedAt(longAgo).build(), headers("c-1", "0"));
        send(request("r2", "s1", "New?").build(), headers("c-2", "0"));
        settle();

        List<Out<ChatReply>> replies = driven.read(Topics.CHAT_REPLY, ChatReply.class);
        assertThat(replies).extracting(reply -> reply.value().getRequestId()).containsExactly("r1", "r2");
        ChatReply old = replies.getFirst().value();
        assertThat(old.getError().getCode()).isEqualTo("chat.timeout");
        assertThat(old.getError().getDetail()).contains(longAgo.toString(), "120 s");
        assertThat(questions).extracting(Question::text).containsExactly("New?");
        assertThat(onlyLetter().code()).isEqualTo("chat.timeout");
    }

    @Test
    void shouldAnswerAQuestionOfAMachineWhoseClockIsALittleLate() {
        Instant late = START.minus(SETTINGS.patience()).minusSeconds(20);
        ask(request("r1", "s1", "What?").setRequestedAt(late).build());

        assertThat(onlyReply().value().getError()).isNull();
    }

    @Test
    void shouldAnswerAQuestionWhoseTimeCannotBeRight() {
        ask(request("r1", "s1", "What?").setRequestedAt(Instant.EPOCH).build());
        ask(request("r2", "s1", "And?")
                .setRequestedAt(START.plus(Duration.ofDays(9)))
                .build());

        assertThat(questions).extracting(Question::text).containsExactly("What?", "And?");
        assertNoLetters();
    }

    @Test
    void shouldReportAFailureOfUnknownKindAsInternal() {
        failures.add(CallException.permanent("some.thing", "Something."));
        ask(request("r1", "s1", "What?").build());

        assertThat(onlyReply().value().getError().getCode()).isEqualTo("internal");
    }

    @Test
    void shouldTellNobodyOfTheInside() {
        telling = listener -> {
            throw new IllegalStateException("/var/lib/secret is broken");
        };
        ask(request("r1", "s1", "What?").build());

        ChatReply reply = onlyReply().value();
        assertThat(reply.getError().getCode()).isEqualTo("internal");
        assertThat(reply.getError().getDetail()).contains("reference").doesNotContain("secret", "Exception");
        assertThat(onlyLetter().message()).as("for operators").contains("/var/lib/secret");
    }

    @Test
    void shouldGiveTheRecordOfAnErrorAnExecutionOfItsOwn() {
        failures.add(CallException.permanent("llm.failed", "It broke off."));
        ask(request("r1", "s1", "What?").setStream(true).build());
        send(cancel("r9", "s1"), headers("c-9", "0"));

        List<ChatReply> replies = replies();
        List<ChatReply> ends = replies.stream().filter(ChatReply::getLast).toList();
        assertThat(ends).hasSize(2).extracting(ChatReply::getSeq).containsOnly(0);
        assertThat(ends)
                .extracting(ChatReply::getExecution)
                .doesNotContain("", replies.getFirst().getExecution())
                .doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "16", "1.5", "x", "007"})
    void shouldDeadLetterARequestWhoseReplyPartitionIsNone(String partition) {
        send(request("r1", "s1", "What?").build(), headers("c-1", partition));

        assertInvalid(ChatHeaders.REPLY_PARTITION);
    }

    @Test
    void shouldDeadLetterARequestWithoutACorrelationId() {
        send(request("r1", "s1", "What?").build(), new RecordHeaders());

        assertInvalid(ChatHeaders.CORRELATION_ID);
    }

    @Test
    void shouldReplyToNoOtherTopic() {
        Headers headers = headers("c-1", "0").add(ChatHeaders.REPLY_TOPIC, "catalog".getBytes(UTF_8));
        send(request("r1", "s1", "What?").build(), headers);

        assertInvalid(ChatHeaders.REPLY_TOPIC);
    }

    @ParameterizedTest
    @CsvSource({"'',s1,What?", "r1,' ',What?", "r1,s1,' '"})
    void shouldDeadLetterARequestThatLacksAPart(String id, String session, String message) {
        send(request(id, session, message).build(), headers("c-1", "0"));

        assertInvalid("A chat request has a");
    }

    @Test
    void shouldDeadLetterWhatIsNotAvro() {
        driven.send(Topics.CHAT_REQUEST, "s1", "nonsense".getBytes(UTF_8), START, headers("c-1", "0"));

        assertThat(onlyLetter().code()).isEqualTo("record.undecodable");
    }

    @Test
    void shouldSendAReplyToThePartitionThatItsKeyNames() {
        ChatTopology.ToNamedPartition partitioner = new ChatTopology.ToNamedPartition();
        ChatReply reply = ChatReply.newBuilder()
                .setRequestId("r")
                .setSessionId("s")
                .setAt(START)
                .build();

        for (int partition = 0; partition < ChatTopology.REPLY_PARTITIONS; partition++) {
            String key = ChatHeaders.replyKey("id/with/slashes", partition);
            assertThat(partitioner.partitions(Topics.CHAT_REPLY, key, reply, ChatTopology.REPLY_PARTITIONS))
                    .contains(Set.of(partition));
        }
    }

    @Test
    void shouldForgetAtAFenceTheTurnsThatAskedForWhatIsDeletedOrCiteIt() {
        ask(request("r1", "s1", "Scoped").setTopic("cellar").build());
        ask(request("r2", "s1", "Citing").build());
        ask(request("r3", "s2", "Citing").setTopic("garden").setSegment("beds").build());

        send(fence("cellar", null), new RecordHeaders());

        assertThat(turns("s1")).extracting(Turn::getRequestId).containsExactly("r2");
        assertThat(turns("s2")).hasSize(1);
        send(fence("gard", null), new RecordHeaders());
        send(fence("garden", "bed"), new RecordHeaders());
        assertThat(turns("s1")).hasSize(1);

        send(fence("garden", "beds"), new RecordHeaders());

        assertThat(conversation("s1")).isNull();
        assertThat(conversation("s2")).isNull();
        List<FenceAck> acks = driven.values(Topics.FENCE_ACK, FenceAck.class);
        assertThat(acks).extracting(FenceAck::getRemoved).containsExactly(1L, 0L, 0L, 2L);
        assertThat(acks.getLast().getFenceId()).isEqualTo("fence garden beds");
        assertThat(acks.getLast().getStage()).isEqualTo("chat");
        assertThat(acks.getLast().getTopic()).isEqualTo("chat.request");
        assertThat(driven.values(Topics.CHAT_REPLY, ChatReply.class)).hasSize(3);
        assertNoLetters();
    }

    @Test
    void shouldAnswerButNotRememberWhatWasUnderWayWhenItsTopicWasDeleted() {
        calls.hold = true;
        send(request("r1", "s1", "What?").build(), headers("c1", "0"));
        send(fence("garden", null), new RecordHeaders());
        calls.hold = false;
        settle();

        assertThat(onlyReply().value().getRequestId()).isEqualTo("r1");
        assertThat(conversation("s1")).isNull();
        ask(request("r2", "s1", "Anew").build());
        assertThat(turns("s1")).extracting(Turn::getRequestId).containsExactly("r2");
    }

    @Test
    void shouldBePinned() {
        PinnedTopology.assertPinned(ChatTopology.NAME, topology());
    }

    private void assertInvalid(String detail) {
        Letter letter = onlyLetter();
        assertThat(letter.code()).isEqualTo("record.invalid");
        assertThat(letter.message()).contains(detail);
        assertThat(letter.stage()).isEqualTo("chat-intake");
        assertThat(driven.read(Topics.CHAT_REPLY, ChatReply.class)).isEmpty();
        assertThat(questions).isEmpty();
    }
}
