package io.penstock.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.penstock.schema.ChatAnswer;
import io.penstock.schema.Citation;
import io.penstock.stage.CallException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Answers that a language model works out first, on a loopback server. */
@Timeout(60)
class StepByStepTest {
    private static final List<Passage> PASSAGES = List.of(passage("One lamp."), passage("Two lamps."));

    private final ChatServer server = new ChatServer();
    private final AnswerSettings settings = AnswerSettings.from(Map.of(
            "PENSTOCK_LLM", "openai",
            "PENSTOCK_LLM_MODEL", "test-model",
            "OPENAI_BASE_URL", server.url(),
            "OPENAI_API_KEY", "sk-do-not-tell")::get);

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void shouldKeepTheReasoningFromTheReplyAndFromItsStream() throws Exception {
        Semaphore told = new Semaphore(0);
        server.will(exchange -> {
            exchange.stream();
            exchange.piece("<reason");
            exchange.piece("ing>One [1] and two");
            exchange.piece(" [2] are three.</reas");
            exchange.piece("oning>\n\nThree");
            told.acquireUninterruptibly(); // the rest is written only after the beginning has been told
            exchange.piece(" lamps [2]");
            exchange.piece("[1].");
            exchange.finish("stop");
            exchange.event("[DONE]");
            exchange.end();
        });
        HeardReply heard = new HeardReply(piece -> told.release());

        ChatAnswer answer = answerer(Prompts.shipped()).answer(question(Reasoning.STEP_BY_STEP), heard);

        assertThat(answer.getReply()).isEqualTo("Three lamps [2] [1].");
        assertThat(heard.pieces).first().isEqualTo("Three");
        assertThat(heard.text()).isEqualTo(answer.getReply());
        assertThat(answer.getCitations()).extracting(Citation::getN).containsExactly(1, 2);
        assertThat(server.lastBody().at("/messages/0/content").asText()).contains("step by step", "<reasoning>");
    }

    @Test
    void shouldSayThatNothingIsKnownWhenTheModelDoesAfterItsReasoning() throws Exception {
        server.will(ChatServer.text("<reasoning>No passage says it.</reasoning> NOT_KNOWN"));

        ChatAnswer answer = answerer(Prompts.shipped()).answer(question(Reasoning.STEP_BY_STEP));

        assertThat(answer.getAnswered()).isFalse();
        assertThat(answer.getReply()).isEqualTo(ExtractiveAnswerer.NOTHING_KNOWN);
    }

    @Test
    void shouldKeepWhatAModelThinksByItselfFromADirectReply() throws Exception {
        server.will(ChatServer.text("<think>\nOne and two.\n</think>\n\nThree lamps [1]."));

        ChatAnswer answer = answerer(Prompts.shipped()).answer(question(Reasoning.DIRECT));

        assertThat(answer.getReply()).isEqualTo("Three lamps [1].");
        assertThat(server.lastBody().at("/messages/0/content").asText()).doesNotContain("<reasoning>");
    }

    @Test
    void shouldFailWithoutAReply() {
        server.will(ChatServer.text("<reasoning>One and two are"));
        HeardReply heard = new HeardReply();

        CallException failure = catchThrowableOfType(
                CallException.class, () -> answerer(Prompts.shipped()).answer(question(Reasoning.STEP_BY_STEP), heard));

        assertThat(failure.code()).isEqualTo("llm.failed");
        assertThat(heard.pieces).isEmpty();
    }

    @Test
    void shouldAskByTheOperatorsPrompt(@TempDir Path folder) throws Exception {
        server.will(ChatServer.text("Three lamps [1]."));
        Files.writeString(
                folder.resolve("step-by-step-system.txt"), "Reason between <reasoning> and </reasoning>, in rhymes.");

        answerer(Prompts.of(folder)).answer(question(Reasoning.STEP_BY_STEP));

        assertThat(server.lastBody().at("/messages/0/content").asText()).endsWith("in rhymes.");
    }

    private Answerer answerer(Prompts prompts) {
        return Answerers.answerer(settings, prompts, new WordEmbedder(), new ModelUsage(), InstantSource.system());
    }

    private static Question question(Reasoning reasoning) {
        return new Question("How many lamps are there in all?", PASSAGES, List.of(), reasoning);
    }

    private static Passage passage(String text) {
        return new Passage(text, "t", "s", "p", "item", "Lamps", "u", text, 0, text.length(), 1);
    }
}
