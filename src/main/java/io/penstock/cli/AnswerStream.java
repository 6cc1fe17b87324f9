package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Asks a question and follows the answer, over connections that break: a new one goes on behind the last event that bore an id.
 * Events without one belong to the next that has one, so they are held back until it is there; else they would come twice.
 */
final class AnswerStream {
    private static final String PATH = "/api/chat";
    private static final String BROKE_OFF = "The answer broke off and could not be taken up again.";

    /** Before each try to go on: long enough for an instance that is started again. */
    private static final List<Duration> PAUSES = List.of(
            Duration.ofMillis(100),
            Duration.ofMillis(400),
            Duration.ofSeconds(1),
            Duration.ofSeconds(2),
            Duration.ofSeconds(4),
            Duration.ofSeconds(8),
            Duration.ofSeconds(8));
    /** Penstock sends a comment every 15 seconds when it has nothing else. */
    private static final Duration SILENCE = Duration.ofSeconds(45);
    /** Who waits longer than these take is told why. */
    private static final int QUIET_TRIES = 2;

    private final Calls calls;
    private final Surroundings here;
    private final AnswerView view;
    private final Consumer<String> session;
    private final Duration silence;
    private final List<Event> heldBack = new ArrayList<>();
    private String lastId = "";
    private int tries;

    /** @param session told the id of the conversation, as soon as it is known */
    AnswerStream(Calls calls, Surroundings here, AnswerView view, Consumer<String> session) {
        this(calls, here, view, session, SILENCE);
    }

    /** @param silence after which a connection counts as broken */
    AnswerStream(Calls calls, Surroundings here, AnswerView view, Consumer<String> session, Duration silence) {
        this.session = session;
        this.silence = silence;
        this.calls = calls;
        this.here = here;
        this.view = view;
    }

    /**
     * Returns the whole answer when the view has it.
     *
     * @throws Failure when there is none, or it broke off and could not be taken up again
     */
    JsonNode ask(JsonNode question) {
        HttpResponse<InputStream> response = calls.open("POST", PATH, question, Map.of("Accept", Calls.EVENTS));
        while (true) {
            if (!response.headers().firstValue("Content-Type").orElse("").startsWith(Calls.EVENTS)) {
                close(response.body());
                throw Failure.notPenstock(calls.address().url());
            }
            Optional<JsonNode> answer = follow(response.body());
            if (answer.isPresent()) {
                return answer.get();
            }
            if (calls.deadline().isOver()) {
                throw calls.deadline().failure("The answer was not whole");
            }
            heldBack.clear();
            response = takeUpAgain();
        }
    }

    /** Nothing when the connection broke before the answer was whole. */
    private Optional<JsonNode> follow(InputStream body) {
        try (InputStream watched = new StreamWatch(body, silence, calls.deadline())) {
            EventReader events = new EventReader(watched);
            for (Optional<Event> event = events.next(); event.isPresent(); event = events.next()) {
                Optional<JsonNode> answer = take(event.get());
                if (answer.isPresent()) {
                    return answer;
                }
            }
        } catch (IOException e) {
            // It broke, which the caller handles like an end before its time.
        }
        return Optional.empty();
    }

    private static void close(InputStream body) {
        try {
            body.close();
        } catch (IOException e) {
            // Whoever reads from it notices.
        }
    }

    private Optional<JsonNode> take(Event event) {
        heldBack.add(event);
        boolean last = event.name().equals("done") || event.name().equals("error");
        if (!event.id().isEmpty()) {
            tries = event.id().equals(lastId) ? tries : 0;
            lastId = event.id();
        } else if (!last && !lastId.isEmpty()) {
            return Optional.empty();
        }
        Optional<JsonNode> answer = Optional.empty();
        for (Event each : heldBack) {
            answer = show(each);
        }
        heldBack.clear();
        return answer;
    }

    /** The answer, when it is whole. */
    private Optional<JsonNode> show(Event event) {
        ObjectNode data = Json.read(event.data())
                .orElseThrow(() -> Failure.notPenstock(calls.address().url()));
        switch (event.name()) {
            case "start" -> {
                session.accept(data.path("session_id").asText());
                view.start(data);
            }
            case "citations" -> view.citations(data);
            case "text" -> view.text(data.path("text").asText());
            case "reset" -> view.reset(data);
            case "done" -> {
                view.done(data);
                return Optional.of(data);
            }
            case "error" -> throw Failure.of(data, data.path("status").asInt());
            default -> {} // of a later version
        }
        return Optional.empty();
    }

    private HttpResponse<InputStream> takeUpAgain() {
        Failure reason = calls.broken();
        while (!lastId.isEmpty() && tries < PAUSES.size()) {
            if (tries == QUIET_TRIES) {
                here.remark("the connection broke; trying to go on where the answer broke off");
            }
            pause(PAUSES.get(tries));
            tries++;
            try {
                return calls.open("GET", PATH, null, Map.of("Accept", Calls.EVENTS, "Last-Event-ID", lastId));
            } catch (Failure failure) {
                if (!failure.mayPass() || calls.deadline().isOver()) {
                    throw failure.because(BROKE_OFF);
                }
                reason = failure;
            }
        }
        throw reason.because(BROKE_OFF);
    }

    private void pause(Duration duration) {
        try {
            here.time().sleep(duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw calls.broken();
        }
    }
}
