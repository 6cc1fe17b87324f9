package io.penstock.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./penstock chat}: a conversation, line by line. */
@Command(
        name = "./penstock chat",
        sortOptions = false,
        description = "Holds a conversation: each line is a question. /help lists what else can be typed.",
        footer = {
            "",
            "From a pipe it reads a question from each line, and a question that fails ends it.",
            "docs/cli.md has all exit codes."
        })
final class ChatCommand implements Task {
    private static final String HELP = """
            /new                      begin another conversation
            /topic TOPIC [SEGMENT]    look there only; /topic alone looks everywhere again
            /session                  show the id of this conversation
            /forget                   delete what Penstock remembers of this conversation
            /quit                     end; so does Ctrl-D
            """;

    @Mixin
    private ScopeOptions scope = new ScopeOptions();

    @Mixin
    private AnswerOptions answers = new AnswerOptions();

    @Option(names = "--session", paramLabel = "ID", description = "Go on with this conversation.")
    private @Nullable String session;

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Override
    public ConnectionOptions connection() {
        return connection;
    }

    @Override
    public ExitCode run(Surroundings here) {
        boolean typed = here.typed() && here.out().isTerminal() && !connection.json();
        Questions questions = new Questions(here, connection, answers);
        BufferedReader lines = new BufferedReader(new InputStreamReader(here.in(), UTF_8));
        if (typed) {
            here.out()
                    .print("Ask something. /help lists what else can be typed.", Style.DIM)
                    .line();
        }
        for (String line = next(lines, typed, here); line != null; line = next(lines, typed, here)) {
            if (line.equals("/quit") || line.equals("/exit")) {
                break;
            }
            try {
                if (line.startsWith("/")) {
                    obey(Arrays.asList(line.split("\\s+")), questions, here);
                } else if (!line.isEmpty()) {
                    var _ = questions.ask(line, session, scope, id -> goesOn(id, here));
                    here.out().print(typed ? "\n" : connection.json() ? "" : "\n");
                }
            } catch (Failure failure) {
                goesOn(failure.problem().path("session_id").asText(), here); // the answer may be there later
                if (!typed) {
                    throw failure; // what comes next builds on it
                }
                Main.tell(failure, false, here);
            }
        }
        if (typed && session != null) {
            here.out().print(howToGoOn(), Style.DIM).line();
        }
        return ExitCode.DONE;
    }

    /** @param id of the conversation; empty when it is not known */
    private void goesOn(String id, Surroundings here) {
        if (!id.isEmpty()) {
            session = id;
            here.interruption().say(connection.json() ? null : howToGoOn());
        }
    }

    private String howToGoOn() {
        return "./penstock chat --session " + session + " goes on with this conversation";
    }

    private static @Nullable String next(BufferedReader lines, boolean typed, Surroundings here) {
        if (typed) {
            here.out().print("> ", Style.BOLD).flush();
        }
        try {
            String line = lines.readLine();
            if (line == null && typed) {
                here.out().line();
            }
            return line == null ? null : line.strip();
        } catch (IOException e) {
            return null; // the terminal has gone
        }
    }

    private void obey(List<String> order, Questions questions, Surroundings here) {
        Screen says = here.typed() && here.out().isTerminal() ? here.out() : here.err();
        switch (order.getFirst()) {
            case "/help" -> says.print(HELP);
            case "/new" -> {
                session = null;
                says.line("A new conversation begins with the next question.");
            }
            case "/topic" -> {
                scope.limitTo(order.size() > 1 ? order.get(1) : null, order.size() > 2 ? order.get(2) : null);
                says.line(
                        order.size() > 1
                                ? "Looking in " + String.join("/", order.subList(1, Math.min(3, order.size())))
                                        + " only."
                                : "Looking everywhere.");
            }
            case "/session" -> says.line(session == null ? "It has no id before the first answer." : session);
            case "/forget" -> forget(questions, says);
            default ->
                throw new Failure(
                        ExitCode.USAGE,
                        "client.usage",
                        "There is no " + order.getFirst() + "; /help lists what there is.");
        }
        says.flush();
    }

    private void forget(Questions questions, Screen says) {
        if (session == null) {
            says.line("There is nothing to forget yet.");
            return;
        }
        questions.calls().delete("/api/conversations/" + Calls.encoded(session));
        says.line("Penstock has forgotten this conversation.");
    }
}
