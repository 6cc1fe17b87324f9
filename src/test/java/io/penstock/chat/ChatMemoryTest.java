package io.penstock.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.answer.Question;
import io.penstock.answer.Question.Exchange;
import io.penstock.answer.Reasoning;
import io.penstock.schema.ChatExchange;
import io.penstock.schema.ChatReply;
import io.penstock.schema.Citation;
import io.penstock.schema.Turn;
import io.penstock.topology.DrivenTopology.Out;
import io.penstock.vector.SearchRequest;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is remembered of a conversation, and what of it an answerer is told. */
class ChatMemoryTest extends DrivenChat {
    @Test
    void shouldRememberATurnWithAllThatTheReplyHad() {
        ask(request("r1", "s1", "How many roses?").build());

        ChatReply reply = onlyReply().value();
        Turn turn = turns("s1").getFirst();
        assertThat(turn.getRequestId()).isEqualTo("r1");
        assertThat(turn.getMessage()).isEqualTo("How many roses?");
        assertThat(turn.getReply()).isEqualTo("Reply 1");
        assertThat(turn.getAnswered()).isTrue();
        assertThat(turn.getAnswerer()).isEqualTo("scripted");
        assertThat(turn.getCitations()).extracting(Citation::getText).containsExactly("Twelve roses.");
        assertThat(turn.getUsage()).isEqualTo(reply.getAnswer().getUsage());
        assertThat(turn.getUsage().getPromptTokens()).isEqualTo(11);
        assertThat(turn.getUsage().getPassages()).isEqualTo(1);
        assertThat(turn.getAt()).isEqualTo(reply.getAt());
        assertThat(turn.getSources()).containsExactly("garden/beds");
    }

    @Test
    void shouldAnswerARepeatedRequestFromItsTurn() {
        ask(request("r1", "s1", "First").build());
        ask(request("r2", "s1", "Second").build());
        List<Turn> before = turns("s1");
        replies();
        step(Duration.ofMinutes(1));
        ask(request("r1", "s1", "First").setStream(true).build(), "c-9", "3");

        Out<ChatReply> again = onlyReply();
        assertThat(again.key()).isEqualTo("c-9/3");
        assertThat(again.value().getLast()).isTrue();
        assertThat(again.value().getAnswer().getReply()).isEqualTo("Reply 1");
        assertThat(again.value().getAnswer().getCitations()).hasSize(1);
        assertThat(again.value().getAnswer().getUsage().getPromptTokens()).isEqualTo(11);
        assertThat(questions).as("an answer costs something").hasSize(2);
        assertThat(turns("s1")).isEqualTo(before);
    }

    @Test
    void shouldAnswerARepeatedRequestThatAsksAnotherQuestionInItsPlace() {
        ask(request("r1", "s1", "First").build());
        ask(request("r2", "s1", "Second").build());
        ask(request("r3", "s1", "Third").build());
        ask(request("r2", "s1", "Second, but another").build());

        assertThat(questions.getLast().history()).extracting(Exchange::question).containsExactly("First");
        assertThat(turns("s1")).extracting(Turn::getMessage).containsExactly("First", "Second, but another", "Third");
    }

    @Test
    void shouldKeepNoMoreTokensThanItMay() {
        reply = "a".repeat(4 * 490);
        ask(request("r1", "s1", "What?").build());
        ask(request("r2", "s1", "What?").build());
        assertThat(turns("s1")).hasSize(2);
        ask(request("r3", "s1", "What?").build());

        assertThat(turns("s1")).extracting(Turn::getRequestId).containsExactly("r2", "r3");
    }

    @Test
    void shouldKeepTheLastTurnHoweverLongItIs() {
        ask(request("r1", "s1", "What?").build());
        reply = "a".repeat(50_000);
        ask(request("r2", "s1", "What?").build());

        assertThat(turns("s1")).extracting(Turn::getRequestId).containsExactly("r2");
        assertThat(turns("s1").getFirst().getReply()).isEqualTo(reply);
    }

    @Test
    void shouldTellTheAnswererOnlyTheBeginningOfALongTurn() {
        reply = "a".repeat(50_000);
        ask(request("r1", "s1", "What?").build());
        ask(request("r2", "s1", "And?").build());

        Exchange told = questions.getLast().history().getFirst();
        assertThat(told.question()).isEqualTo("What?");
        assertThat(told.reply()).startsWith("aaaa").endsWith("[\u2026]").hasSizeBetween(300, 410);
    }

    @Test
    void shouldTakeTheHistoryThatComesWithTheQuestionInsteadOfWhatIsRemembered() {
        ask(request("r1", "s1", "Remembered").build());
        ask(request("r2", "s1", "And?")
                .setHistory(List.of(new ChatExchange("One", "1."), new ChatExchange("Two", "2.")))
                .build());

        assertThat(questions.getLast().history()).containsExactly(new Exchange("One", "1."), new Exchange("Two", "2."));
        assertThat(turns("s1")).extracting(Turn::getMessage).containsExactly("Remembered", "And?");
    }

    @Test
    void shouldTellOnlyTheEndOfALongHistoryThatComesWithTheQuestion() {
        ask(request("r1", "s1", "And?")
                .setHistory(List.of(
                        new ChatExchange("a".repeat(400), "1."),
                        new ChatExchange("Two", "2."),
                        new ChatExchange("Three", "3.")))
                .build());

        assertThat(questions.getLast().history()).extracting(Exchange::question).containsExactly("Two", "Three");
    }

    @Test
    void shouldNotRememberATurnThatIsNotToBeRemembered() {
        ask(request("r1", "s1", "Remembered").build());
        ask(request("r2", "s1", "And?").setRemember(false).build());

        assertThat(questions.getLast().history())
                .as("it may know what was said before")
                .hasSize(1);
        assertThat(turns("s1")).extracting(Turn::getRequestId).containsExactly("r1");
        assertThat(replies()).hasSize(2);
    }

    @Test
    void shouldSearchForAQuestionThatPointsBackTogetherWithTheOneBefore() {
        ask(request("r1", "s1", "How many roses grow in the garden?").build());
        ask(request("r2", "s1", "And who planted them?").build());
        ask(request("r3", "s1", "Which tools does the gardener own?").build());
        ask(request("r4", "s2", "And who planted them?").build());

        assertThat(searches)
                .extracting(SearchRequest::q)
                .containsExactly(
                        "How many roses grow in the garden?",
                        "How many roses grow in the garden? And who planted them?",
                        "Which tools does the gardener own?",
                        "And who planted them?");
        assertThat(questions.get(1).text()).isEqualTo("And who planted them?");
    }

    @Test
    void shouldHandTheReasoningThatIsAskedForToTheAnswerer() {
        ask(request("r1", "s1", "What?").build());
        ask(request("r2", "s1", "What?").setPrompt("direct").build());
        ask(request("r3", "s1", "What?").setPrompt("step-by-step").build());

        assertThat(questions)
                .extracting(Question::reasoning)
                .containsExactly(Reasoning.DIRECT, Reasoning.DIRECT, Reasoning.STEP_BY_STEP);
    }

    @Test
    void shouldRefuseAPromptThatThereIsNot() {
        ask(request("r1", "s1", "What?").setPrompt("clever").build());

        ChatReply refused = onlyReply().value();
        assertThat(refused.getError().getCode()).isEqualTo("parameter.invalid");
        assertThat(refused.getError().getStatus()).isEqualTo(422);
        assertThat(refused.getError().getDetail()).contains("'clever'", "step-by-step");
        assertThat(onlyLetter().code()).isEqualTo("parameter.invalid");
        assertThat(questions).isEmpty();
    }
}
