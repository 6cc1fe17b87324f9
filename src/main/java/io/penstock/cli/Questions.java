package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Asks questions, and prints the answers in the form that the options name. */
final class Questions {
    /** Longer than Penstock itself usually has patience, so that it is its answer that is seen. */
    private static final Duration PATIENCE = Duration.ofSeconds(150);

    private final Surroundings here;
    private final ConnectionOptions connection;
    private final AnswerOptions options;
    private final Address address;

    Questions(Surroundings here, ConnectionOptions connection, AnswerOptions options) {
        this.here = here;
        this.connection = connection;
        this.options = options;
        this.address = connection.address(here);
    }

    /**
     * The whole answer, which was printed.
     *
     * @param sessionKnown told the id of the conversation, as soon as it is known
     * @throws Failure when there is none
     */
    JsonNode ask(String message, @Nullable String session, ScopeOptions scope, Consumer<String> sessionKnown) {
        ObjectNode question = Json.object().put("message", message);
        putIfSet(question, "session_id", session);
        putIfSet(question, "topic", scope.topic());
        putIfSet(question, "segment", scope.segment());
        putIfSet(question, "reasoning", options.reasoning());
        if (scope.passages() != null) {
            question.put("k", scope.passages());
        }
        Calls calls = calls();
        if (!options.whole()) {
            AnswerView view = connection.json() ? new JsonAnswer(here.out()) : new TextAnswer(here.out());
            return new AnswerStream(calls, here, view, sessionKnown).ask(question);
        }
        JsonNode answer = calls.post("/api/chat", question, Map.of());
        sessionKnown.accept(answer.path("session_id").asText());
        if (connection.json()) {
            here.out().line(Json.line(answer)).flush();
        } else {
            new TextAnswer(here.out()).done(answer);
        }
        return answer;
    }

    /** With patience of its own. */
    Calls calls() {
        return new Calls(address, connection.deadline(here.time(), PATIENCE));
    }

    private static void putIfSet(ObjectNode node, String field, @Nullable String value) {
        if (value != null) {
            node.put(field, value);
        }
    }
}
