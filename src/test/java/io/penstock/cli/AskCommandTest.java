package io.penstock.cli;

import static io.penstock.cli.Answers.citations;
import static io.penstock.cli.Answers.done;
import static io.penstock.cli.Answers.start;
import static io.penstock.cli.Answers.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.cli.CommandRun.Ended;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class AskCommandTest {
    private static final String CHAT = "POST /api/chat";
    private static final String RESUME = "GET /api/chat";

    private Loopback server;

    @BeforeEach
    void startServer() throws IOException {
        server = new Loopback();
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    private CommandRun command() {
        return CommandRun.against(server).at(new HandClock());
    }

    @Test
    void shouldPrintTheReplyAndThenWhatItCites() {
        server.on(
                CHAT,
                Loopback.events(
                        start(), citations(), text(11, "Pilotage "), text(12, "is."), done(12, "Pilotage is.")));

        Ended ended = command().run("ask", "Who", "needs a pilot?");

        assertThat(ended.code()).isZero();
        assertThat(ended.out()).isEqualTo("""
                Pilotage is.

                [1] Notice 18  harbour/notices, inline:p/n-18, characters 4 to 27
                    Pilotage is compulsory.
                """);
        assertThat(ended.err()).isEmpty();
        Loopback.Request request = server.requests().getFirst();
        assertThat(request.body()).isEqualTo("{\"message\":\"Who needs a pilot?\"}");
        assertThat(request.headers().getFirst("Accept")).isEqualTo("text/event-stream");
        assertThat(request.headers().getFirst("X-API-Key")).isEqualTo("the-key");
    }

    @Test
    void shouldSendWhatTheOptionsSay() {
        server.on(CHAT, Loopback.events(start(), done(11, "So.")));

        command()
                .run(
                        "ask",
                        "--topic",
                        "harbour",
                        "--segment=notices",
                        "-k",
                        "3",
                        "--session",
                        "s-1",
                        "--reasoning",
                        "step-by-step",
                        "--",
                        "-x?");

        assertThat(Json.read(server.requests().getFirst().body()))
                .contains(Json.object()
                        .put("message", "-x?")
                        .put("session_id", "s-1")
                        .put("topic", "harbour")
                        .put("segment", "notices")
                        .put("reasoning", "step-by-step")
                        .put("k", 3));
    }

    @Test
    void shouldShowTheReplyBeforeItIsWhole() throws Exception {
        CountDownLatch latch = new CountDownLatch(1);
        server.on(CHAT, Loopback.silentAfter(latch, start(), text(11, "The first words")));
        server.on(RESUME, Loopback.events(done(12, "The first words and the rest.")));
        StringBuilder printed = new StringBuilder();
        OutputStream out = new OutputStream() {
            @Override
            public void write(int octet) {
                printed.append((char) octet);
                if (printed.toString().equals("The first words")) {
                    latch.countDown(); // only now the server goes on
                }
            }
        };

        assertThat(command().run(out, "ask", "What?").code()).isZero();
        assertThat(printed).startsWith("The first words and the rest.\n\n[1]");
    }

    @Test
    void shouldEndWith3WhenNothingRelevantIsKnown() {
        server.on(
                CHAT,
                Loopback.events(start(), Loopback.event("0-11-1-r", "done", Answers.noAnswer("Nothing is known."))));

        Ended ended = command().run("ask", "What?");

        assertThat(ended).isEqualTo(new Ended(3, "Nothing is known.\n", ""));
    }

    @Test
    void shouldPrintOneObjectALineForPrograms() {
        server.on(
                CHAT,
                Loopback.events(start(), citations(), text(11, "It \\u001b[31mis."), done(12, "It \\u001b[31mis.")));

        Ended ended = command().run("ask", "--json", "What?");

        assertThat(ended.code()).isZero();
        List<JsonNode> events = ended.lines().stream()
                .map(line -> (JsonNode) Json.read(line).orElseThrow())
                .toList();
        assertThat(events)
                .extracting(event -> event.path("event").asText())
                .containsExactly("start", "citations", "text", "done");
        assertThat(events.get(0).path("session_id").asText()).isEqualTo("s");
        assertThat(events.get(1).at("/citations/0/n").asInt()).isEqualTo(1);
        assertThat(events.get(2).path("text").asText()).isEqualTo("It \u001b[31mis.");
        assertThat(events.get(3).path("reply").asText()).isEqualTo("It \u001b[31mis.");
        assertThat(ended.out()).doesNotContain("\u001b");
    }

    @Test
    void shouldPrintOneDocumentWhenItDoesNotStream() {
        server.on(CHAT, Loopback.json(200, Answers.answer("So.")));

        Ended document = command().run("ask", "--json", "--no-stream", "What?");
        assertThat(document.out()).isEqualTo(Answers.answer("So.") + "\n");
        assertThat(server.requests().getFirst().headers().getFirst("Accept")).isEqualTo("application/json");

        assertThat(command().run("ask", "--no-stream", "What?").out()).startsWith("So.\n\n[1] Notice 18");
    }

    @Test
    void shouldGoOnWhereTheConnectionBroke() {
        server.on(CHAT, Loopback.brokenAfter(start(), citations(), text(11, "One "), text(12, "two ")));
        server.on(
                RESUME,
                Loopback.problem(503, "not-ready", "Not yet."),
                Loopback.brokenAfter(text(13, "three ")),
                Loopback.events(text(14, "four."), done(14, "One two three four.")));
        HandClock clock = new HandClock();

        Ended ended = command().at(clock).run("ask", "What?");

        assertThat(ended.code()).isZero();
        assertThat(ended.out()).startsWith("One two three four.\n\n[1]");
        assertThat(server.requests().stream()
                        .skip(1)
                        .map(request -> request.headers().getFirst("Last-Event-ID")))
                .containsExactly("0-12-1-r", "0-12-1-r", "0-13-1-r");
        assertThat(clock.slept())
                .as("pauses begin anew when the answer has gone on")
                .containsExactly(Duration.ofMillis(100), Duration.ofMillis(400), Duration.ofMillis(100));
    }

    @Test
    void shouldTakeAConnectionForBrokenThatIsSilentForTooLong() {
        CountDownLatch never = new CountDownLatch(1);
        server.on(CHAT, Loopback.silentAfter(never, start(), text(11, "One ")));
        server.on(RESUME, Loopback.events(text(12, "two."), done(12, "One two.")));
        CommandRun command = command();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Surroundings here = command.surroundings(out, OutputStream.nullOutputStream());
        Calls calls = new Calls(
                new Address(URI.create(server.url()), "key", "test"),
                new Deadline(Time.SYSTEM, Duration.ofSeconds(20)));

        new AnswerStream(calls, here, new TextAnswer(here.out()), _ -> {}, Duration.ofMillis(200))
                .ask(Json.object().put("message", "What?"));

        assertThat(out.toString(UTF_8)).startsWith("One two.\n\n[1]");
        assertThat(server.requests()).hasSize(2);
        never.countDown();
    }

    @Test
    void shouldPrintNothingTwiceWhenTheConnectionBreaksWithinARecord() {
        String rest = Loopback.event("text", "{\"text\":\"two.\"}");
        server.on(CHAT, Loopback.brokenAfter(start(), text(11, "One "), rest));
        server.on(RESUME, Loopback.events(rest, done(12, "One two.")));

        assertThat(command().run("ask", "What?").out()).startsWith("One two.\n\n[1]");
    }

    @Test
    void shouldSayThatAnAnswerWhichIsMadeAnewReplacesWhatCame() {
        server.on(
                CHAT,
                Loopback.events(
                        start(),
                        text(11, "One "),
                        Loopback.event("reset", "{\"attempt\":2}"),
                        text(13, "Two."),
                        done(13, "Two.")));

        assertThat(command().run("ask", "What?").out())
                .startsWith("One \n--- The answer is made anew: ---\nTwo.\n\n[1]");
        assertThat(command().run("ask", "--json", "What?").out()).contains("\n{\"event\":\"reset\",\"attempt\":2}\n");
    }

    @Test
    void shouldEndUpWithTheWholeReplyWhateverCameBefore() {
        server.on(CHAT, Loopback.events(start(), text(11, "One "), done(13, "Quite another.")));

        assertThat(command().run("ask", "What?").out())
                .startsWith("One \n--- The answer is made anew: ---\nQuite another.\n\n[1]");
    }

    @Test
    void shouldGiveUpWhenTheAnswerCannotBeTakenUpAgain() {
        server.on(CHAT, Loopback.brokenAfter(start(), text(11, "One ")));
        server.on(RESUME, Loopback.problem(503, "not-ready", "Not yet."));
        HandClock clock = new HandClock();

        Ended ended = command().at(clock).run("ask", "What?");

        assertThat(ended.code()).isEqualTo(10);
        assertThat(ended.out()).isEqualTo("One ");
        assertThat(ended.err())
                .contains("trying to go on")
                .endsWith("penstock: The answer broke off and could not be taken up again. Not yet. (not-ready)\n");
        assertThat(clock.slept()).hasSize(7);
    }

    @Test
    void shouldNotTryAgainWhatIsRefused() {
        server.on(CHAT, Loopback.brokenAfter(start()));
        server.on(RESUME, Loopback.problem(404, "key.unknown", "It is forgotten."));

        Ended ended = command().run("ask", "What?");

        assertThat(ended.code()).isEqualTo(8);
        assertThat(ended.err())
                .isEqualTo(
                        "penstock: The answer broke off and could not be taken up again. It is forgotten. (key.unknown)\n");
        assertThat(server.requests()).hasSize(2);
    }

    @Test
    void shouldNotAskTwiceWhenTheConnectionBreaksBeforeTheAnswerHasBegun() {
        server.on(CHAT, Loopback.brokenAfter());

        Ended ended = command().run("ask", "What?");

        assertThat(ended.code()).isEqualTo(6);
        assertThat(ended.err()).endsWith("(client.broken)\n");
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void shouldTellAnErrorThatComesInTheStream() {
        String problem = "{\"status\":504,\"code\":\"chat.timeout\",\"detail\":\"No answer came in time.\","
                + "\"href\":\"/api/conversations/s/turns/r\"}";
        server.on(CHAT, Loopback.events(start(), Loopback.event("0-11-1-r", "error", problem)));

        Ended ended = command().run("ask", "--json", "What?");

        assertThat(ended.code()).isEqualTo(11);
        assertThat(ended.err())
                .isEqualTo("penstock: No answer came in time. The answer can be read later: GET"
                        + " /api/conversations/s/turns/r (chat.timeout)\n");
        JsonNode last = Json.read(ended.lines().getLast()).orElseThrow();
        assertThat(last.path("event").asText()).isEqualTo("error");
        assertThat(last.path("code").asText()).isEqualTo("chat.timeout");
        assertThat(last.path("status").asInt()).isEqualTo(504);
        assertThat(last.path("exit_code").asInt()).isEqualTo(11);
    }

    @ParameterizedTest
    @CsvSource({
        "400, body.malformed, 8",
        "401, key.wrong, 7",
        "404, topic.unknown, 8",
        "422, parameter.invalid, 8",
        "429, busy, 10",
        "500, internal, 9",
        "502, llm.failed, 9",
        "503, not-ready, 10",
        "504, llm.timeout, 11"
    })
    void shouldEndWithACodeForEachKindOfRefusal(int status, String code, int exit) {
        server.on(CHAT, Loopback.problem(status, code, "This is why."));

        Ended ended = command().run("ask", "What?");

        assertThat(ended.code()).isEqualTo(exit);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err()).endsWith("This is why. (" + code + ")\n").doesNotContain("the-key");
    }

    @Test
    void shouldSayWhichKeyWasRefusedAndNotShowIt() {
        server.on(CHAT, Loopback.problem(401, "key.wrong", "The key is not right."));

        assertThat(command().run("ask", "What?").err())
                .isEqualTo("penstock: The key from PENSTOCK_API_KEY was refused. The key is not right. (key.wrong)\n");
    }

    @Test
    void shouldNotTakeAnythingForAnAnswer() {
        server.on(CHAT, Loopback.whole(502, "text/html", "<h1>Bad Gateway</h1>"));
        assertThat(command().run("ask", "What?").err())
                .contains("Is that Penstock, or a proxy")
                .endsWith("(http.502)\n");

        server.on(CHAT, Loopback.whole(200, "text/html", "<h1>Welcome</h1>"));
        Ended ended = command().run("ask", "What?");
        assertThat(ended.code()).isEqualTo(9);
        assertThat(ended.err()).endsWith("(client.not-understood)\n");

        server.on(CHAT, Loopback.events("event: text\ndata: not JSON\n\n"));
        assertThat(command().run("ask", "What?").err()).endsWith("(client.not-understood)\n");
    }

    @Test
    void shouldSayThatNothingAnswers() {
        String url = server.url();
        server.close();

        Ended ended = command().with("PENSTOCK_URL", url).run("ask", "--json", "What?");

        assertThat(ended.code()).isEqualTo(6);
        assertThat(ended.err())
                .startsWith("penstock: Nothing answers at " + url + ".")
                .contains("./penstock up")
                .endsWith("(client.unreachable)\n");
        assertThat(ended.out()).startsWith("{\"event\":\"error\",\"code\":\"client.unreachable\"");
    }

    @Test
    void shouldWaitNoLongerThanItWasTold() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        server.on(CHAT, Loopback.silentAfter(never, start(), text(11, "One ")));
        CommandRun command = CommandRun.against(server);

        Ended midway = command.run("ask", "--timeout", "300ms", "What?");
        assertThat(midway.code()).isEqualTo(11);
        assertThat(midway.out()).isEqualTo("One ");
        assertThat(midway.err())
                .isEqualTo(
                        "penstock: The answer was not whole within 0.3 s; --timeout allows longer. (client.timeout)\n");

        server.on(CHAT, exchange -> never.await());
        Ended before = command.run("ask", "--timeout", "300ms", "--no-stream", "What?");
        assertThat(before.code()).isEqualTo(11);
        assertThat(before.err()).contains("There was no answer from " + server.url() + " within 0.3 s");
        never.countDown();
    }

    @Test
    void shouldReadTheQuestionFromTheInput() {
        server.on(CHAT, Loopback.events(start(), done(11, "So.")));

        command().reading("Was heißt\n„Größe“?\n").run("ask", "-");
        command().reading("And this?").run("ask");

        assertThat(server.requests())
                .extracting(Loopback.Request::body)
                .containsExactly("{\"message\":\"Was heißt\\n„Größe“?\"}", "{\"message\":\"And this?\"}");
        Ended ended = command().run("ask");
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.err()).contains("There is no question").endsWith("(client.usage)\n");
    }

    @Test
    void shouldTakeAQuestionThatLooksLikeAFileOfArguments() {
        server.on(CHAT, Loopback.events(start(), done(11, "So.")));

        assertThat(command().run("ask", "@penstock: what?").code()).isZero();
        assertThat(server.requests().getFirst().body()).contains("@penstock: what?");
    }

    @Test
    void shouldBeSilentWhenItsReaderHasGone() {
        server.on(CHAT, Loopback.events(start(), text(11, "One "), done(11, "One ")));
        OutputStream closed = new OutputStream() {
            @Override
            public void write(int octet) throws IOException {
                throw new IOException("Broken pipe");
            }
        };

        assertThat(command().run(closed, "ask", "What?")).isEqualTo(new Ended(141, "", ""));
    }

    @Test
    void shouldBreakLinesAndUseColoursOnATerminalOnly() {
        String reply = "Pilotage is compulsory at night.";
        server.on(CHAT, Loopback.events(start(), text(11, reply), done(12, reply)));

        assertThat(command().onTerminal(20).run("ask", "What?").out()).isEqualTo("""
                        Pilotage is
                        compulsory at night.

                        [1] Notice 18  harbour/notices, inline:p/n-18, characters 4 to 27
                            Pilotage is
                            compulsory.
                        """);
        assertThat(command().onTerminal(80).inColours().run("ask", "What?").out())
                .contains("\u001b[36m[1]\u001b[0m\u001b[1m Notice 18\u001b[0m");
        assertThat(command().inColours().run("ask", "What?").out()).doesNotContain("\u001b");
    }

    @Test
    void shouldCutLongPassagesOnATerminalOnly() {
        String passage = "word ".repeat(100).strip();
        String answer = Answers.answer("So.").replace("Pilotage is\\ncompulsory.", passage);
        server.on(CHAT, Loopback.events(start(), Loopback.event("0-11-1-r", "done", answer)));

        assertThat(command().run("ask", "What?").out()).contains("\n    " + passage + "\n");
        assertThat(command().onTerminal(40).run("ask", "What?").out().lines().skip(3))
                .hasSizeBetween(4, 5)
                .allMatch(line -> line.startsWith("    wor") && line.length() <= 40)
                .last()
                .asString()
                .endsWith("\u2026");
    }

    @Test
    void shouldLetNoDocumentControlTheTerminal() {
        String evil = "a\\u001b]0;title\\u0007b\\u009bc\\rd\\te";
        server.on(CHAT, Loopback.events(start(), text(11, evil), done(12, evil)));

        assertThat(command().onTerminal(80).run("ask", "What?").out())
                .startsWith("a\ufffd]0;title\ufffdb\ufffdc d e\n");
        assertThat(command().run("ask", "What?").out()).startsWith("a\ufffd]0;title\ufffdb\ufffdc\ufffdd\te\n");
        assertThat(command().run("ask", "--json", "What?").out()).doesNotContain("\u009b", "\u001b", "\u0007");
    }

    @Test
    void shouldLetNoDocumentTurnTheDirectionOfText() {
        String evil = "a\u202eb\u2066c\u200fd\u061ce";
        server.on(CHAT, Loopback.events(start(), text(11, evil), done(12, evil)));

        assertThat(command().run("ask", "What?").out()).startsWith("a\ufffdb\ufffdc\ufffdd\ufffde\n");
        Ended json = command().run("ask", "--json", "What?");
        assertThat(json.out()).contains("a\\u202eb\\u2066c\\u200fd\\u061ce").doesNotContain("\u202e", "\ufffd");
    }

    @Test
    @Timeout(20)
    void shouldNotWaitForTheEndOfWhatSaysWhyThereIsNoAnswer() {
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch gone = new CountDownLatch(1);
        server.on(
                CHAT,
                exchange -> {
                    exchange.sendResponseHeaders(502, 0);
                    exchange.getResponseBody().write('<');
                    exchange.getResponseBody().flush();
                    never.await();
                },
                exchange -> {
                    exchange.sendResponseHeaders(502, 0);
                    try {
                        while (true) {
                            exchange.getResponseBody().write(new byte[8_192]);
                        }
                    } catch (IOException e) {
                        gone.countDown();
                    }
                });

        Ended silent = CommandRun.against(server).run("ask", "--timeout", "300ms", "What?");
        assertThat(silent.err()).endsWith("(client.timeout)\n");
        Ended endless = command().run("ask", "What?");
        assertThat(endless.err()).endsWith("(http.502)\n");
        assertThat(gone)
                .satisfies(
                        latch -> assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue());
        never.countDown();
    }
}
