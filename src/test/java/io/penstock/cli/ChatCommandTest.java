package io.penstock.cli;

import static io.penstock.cli.Answers.done;
import static io.penstock.cli.Answers.start;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.cli.CommandRun.Ended;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ChatCommandTest {
    private static final String CHAT = "POST /api/chat";

    private Loopback server;

    @BeforeEach
    void startServer() throws IOException {
        server = new Loopback().on(CHAT, Loopback.events(start(), done(11, "So.")));
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    @Test
    void shouldKeepTheSessionUntilANewOneBegins() {
        Ended ended = CommandRun.against(server)
                .reading("One?\n\nTwo?\n/new\nThree?\n")
                .run("chat");

        assertThat(ended.code()).isZero();
        assertThat(server.requests())
                .extracting(Loopback.Request::body)
                .containsExactly(
                        "{\"message\":\"One?\"}",
                        "{\"message\":\"Two?\",\"session_id\":\"s\"}",
                        "{\"message\":\"Three?\"}");
        assertThat(ended.out()).startsWith("So.\n\n[1]").doesNotContain("> ", "conversation");
        assertThat(ended.err()).isEqualTo("A new conversation begins with the next question.\n");
    }

    @Test
    void shouldPromptAndGoOnAfterAnErrorOnATerminal() {
        server.on(
                CHAT,
                Loopback.problem(404, "topic.unknown", "There is no topic 'x'."),
                Loopback.events(start(), done(11, "So.")));

        Ended ended = CommandRun.against(server)
                .onTerminal(80)
                .reading("/topic x y\nOne?\n/topic\nTwo?\n/session\n/nothing\n/help\n")
                .run("chat", "--session", "before");

        assertThat(ended.code()).isZero();
        assertThat(ended.err()).isEqualTo("""
                        penstock: There is no topic 'x'. (topic.unknown)
                        penstock: There is no /nothing; /help lists what there is. (client.usage)
                        """);
        assertThat(ended.out())
                .startsWith("Ask something. /help lists what else can be typed.\n> Looking in x/y only.\n> > ")
                .contains("> Looking everywhere.\n> So.\n\n[1] Notice 18", "> s\n> > /new  ")
                .endsWith("> \n./penstock chat --session s goes on with this conversation\n");
        assertThat(server.requests())
                .extracting(Loopback.Request::body)
                .containsExactly(
                        "{\"message\":\"One?\",\"session_id\":\"before\",\"topic\":\"x\",\"segment\":\"y\"}",
                        "{\"message\":\"Two?\",\"session_id\":\"before\"}");
    }

    @Test
    void shouldEndAtTheFirstErrorOfAPipe() {
        server.on(CHAT, Loopback.problem(503, "not-ready", "Not yet."));

        Ended ended = CommandRun.against(server).reading("One?\nTwo?\n").run("chat");

        assertThat(ended.code()).isEqualTo(10);
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void shouldPrintNothingButObjectsForPrograms() {
        Ended ended =
                CommandRun.against(server).reading("One?\n/session\nTwo?\n").run("chat", "--json");

        assertThat(ended.lines()).hasSize(4).allMatch(line -> Json.read(line).isPresent());
        assertThat(ended.err()).isEqualTo("s\n");
    }

    @Test
    void shouldGoOnWithAConversationWhoseFirstAnswerFailed() {
        server.on(
                CHAT,
                Loopback.events(start(), Loopback.event("error", "{\"status\":502,\"code\":\"llm.failed\"}")),
                Loopback.problem(504, "chat.timeout", "Late.\",\"session_id\":\"later"),
                Loopback.events(start(), done(11, "So.")));

        Ended ended = CommandRun.against(server)
                .onTerminal(80)
                .reading("One?\nTwo?\nThree?\n")
                .run("chat");

        assertThat(ended.code()).isZero();
        assertThat(server.requests())
                .extracting(Loopback.Request::body)
                .containsExactly(
                        "{\"message\":\"One?\"}",
                        "{\"message\":\"Two?\",\"session_id\":\"s\"}",
                        "{\"message\":\"Three?\",\"session_id\":\"later\"}");
    }

    @Test
    void shouldForgetAConversation() {
        server.on("DELETE /api/conversations/s%2F1", Loopback.problem(500, "internal", "Not that."));
        server.on("DELETE /api/conversations/s/1", Loopback.json(200, "{}"));

        Ended ended = CommandRun.against(server)
                .reading("/forget\n/quit\nNot this.\n")
                .run("chat", "--session", "s/1");

        assertThat(ended.code()).isZero();
        assertThat(ended.err()).isEqualTo("Penstock has forgotten this conversation.\n");
        assertThat(server.requests())
                .extracting(Loopback.Request::call)
                .containsExactly("DELETE /api/conversations/s%2F1");
    }

    @Test
    void shouldSayHowToGoOnWhenItIsInterrupted() {
        CommandRun command = CommandRun.against(server).reading("One?\n");
        command.run("chat");
        java.io.ByteArrayOutputStream err = new java.io.ByteArrayOutputStream();

        command.interruption()
                .end(
                        new Screen(java.io.OutputStream.nullOutputStream(), true, false, 80),
                        new Screen(err, true, false, 80));

        assertThat(err).hasToString("penstock: ./penstock chat --session s goes on with this conversation\n");
    }
}
