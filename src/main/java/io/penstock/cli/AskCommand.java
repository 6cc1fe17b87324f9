package io.penstock.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./penstock ask}: one question, and its answer while it is made. */
@Command(
        name = "./penstock ask",
        sortOptions = false,
        description = "Asks a question and prints the answer as it comes, then what it cites.",
        footer = {
            "",
            "Without words, or with -, the question is read from the standard input.",
            "Ends with 0 when there is an answer and with 3 when nothing relevant is known; docs/cli.md has all codes."
        })
final class AskCommand implements Task {
    @Parameters(paramLabel = "WORDS", description = "The question.")
    private List<String> words = new ArrayList<>();

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
        Questions questions = new Questions(here, connection, answers);
        JsonNode answer = questions.ask(question(here), session, scope, _ -> {});
        return answer.path("answered").asBoolean() ? ExitCode.DONE : ExitCode.NEGATIVE;
    }

    private String question(Surroundings here) {
        boolean reads = words.equals(List.of("-")) || (words.isEmpty() && !here.typed());
        String question = reads ? read(here) : String.join(" ", words);
        if (question.isBlank()) {
            throw new Failure(
                    ExitCode.USAGE, "client.usage", "There is no question; try ./penstock ask \"What is a fence?\".");
        }
        return question;
    }

    private static String read(Surroundings here) {
        try {
            return new String(here.in().readAllBytes(), UTF_8).strip();
        } catch (IOException e) {
            throw new Failure(ExitCode.USAGE, "client.usage", "The question cannot be read from the standard input.");
        }
    }
}
