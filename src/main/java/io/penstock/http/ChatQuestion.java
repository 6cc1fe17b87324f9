package io.penstock.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schema.ChatRequest;
import io.penstock.vector.SearchRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A question as it is asked over HTTP. */
record ChatQuestion(
        String message,
        String session,
        Optional<String> topic,
        Optional<String> segment,
        Optional<Integer> k,
        Optional<String> run,
        @Nullable String prompt) {
    private static final Set<String> FIELDS =
            Set.of("message", "session_id", "topic", "segment", "k", "run_id", "reasoning");
    private static final String STEP_BY_STEP = "step-by-step";
    private static final int MAX_MESSAGE = 16_000;
    private static final int MAX_SESSION = 200;

    /** How long a question waits for the run that it names. */
    private static final Duration RUN_PATIENCE = Duration.ofSeconds(10);

    /** @throws io.penstock.error.PenstockException {@code body.malformed}, {@code parameter.invalid} */
    static ChatQuestion of(byte @Nullable [] body) {
        JsonNode question = Bodies.object(body);
        Bodies.refuseOthers(question, FIELDS);
        String message = Bodies.requiredText(question, "message");
        if (message.isBlank() || message.length() > MAX_MESSAGE) {
            throw Bodies.outOfRange("The message must have 1 to " + MAX_MESSAGE + " characters.");
        }
        Optional<Integer> k = Bodies.integer(question, "k");
        if (k.isPresent() && (k.get() < 1 || k.get() > SearchRequest.MAX_K)) {
            throw Bodies.outOfRange("The field 'k' is a whole number from 1 to " + SearchRequest.MAX_K + ".");
        }
        String session = Bodies.text(question, "session_id")
                .filter(id -> !id.isBlank())
                .orElseGet(() -> UUID.randomUUID().toString());
        if (session.length() > MAX_SESSION) {
            throw Bodies.outOfRange("The field 'session_id' has at most " + MAX_SESSION + " characters.");
        }
        return new ChatQuestion(
                message,
                session,
                Bodies.text(question, "topic"),
                Bodies.text(question, "segment"),
                k,
                Bodies.text(question, "run_id"),
                prompt(Bodies.text(question, "reasoning").orElse("direct")));
    }

    private static @Nullable String prompt(String reasoning) {
        return switch (reasoning) {
            case "direct" -> null;
            case STEP_BY_STEP -> STEP_BY_STEP;
            default ->
                throw Bodies.malformed(
                        "The field 'reasoning' is direct or " + STEP_BY_STEP + ", not '" + reasoning + "'.");
        };
    }

    /** Whether it names what must be looked for, which may take a while. */
    boolean namesAny() {
        return topic.isPresent() || segment.isPresent() || run.isPresent();
    }

    /**
     * Under an id of its own, once what it names was found.
     *
     * @throws io.penstock.error.PenstockException {@code topic.unknown}, {@code segment.unknown}, {@code run.unknown}, {@code
     *     not-ready}, {@code busy}
     */
    ChatRequest request(Services services, AwaitedRuns runs) throws InterruptedException {
        if (topic.isPresent() || segment.isPresent()) {
            Scopes.require(services.patientCatalog(), topic.orElse(null), segment.orElse(null));
        }
        Map<String, Long> position = new HashMap<>();
        if (run.isPresent()) {
            // The chat itself bounds how many questions wait for the index.
            runs.afterwards(run.get(), System.nanoTime() + RUN_PATIENCE.toNanos(), reached -> reached)
                    .forEach((partition, offset) -> position.put(Integer.toString(partition), offset));
        }
        return ChatRequest.newBuilder()
                .setRequestId(UUID.randomUUID().toString())
                .setMessage(message)
                .setSessionId(session)
                .setTopic(topic.orElse(null))
                .setSegment(segment.orElse(null))
                .setK(k.orElse(null))
                .setRequestedAt(Instant.now())
                .setIndexPosition(position)
                .setPrompt(prompt)
                .build();
    }
}
