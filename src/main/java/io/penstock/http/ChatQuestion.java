package io.penstock.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schema.ChatRequest;
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

    /** How long a question waits for the run that it names. */
    private static final Duration RUN_PATIENCE = Duration.ofSeconds(10);

    /** @throws io.penstock.error.PenstockException {@code body.malformed}, {@code parameter.invalid} */
    static ChatQuestion of(byte @Nullable [] body) {
        JsonNode question = Bodies.object(body);
        Bodies.refuseOthers(question, FIELDS);
        return new ChatQuestion(
                ChatRules.message(Bodies.requiredText(question, "message")),
                ChatRules.session(Bodies.text(question, "session_id")),
                Bodies.text(question, "topic"),
                Bodies.text(question, "segment"),
                ChatRules.k(Bodies.integer(question, "k")),
                Bodies.text(question, "run_id"),
                ChatRules.prompt(Bodies.text(question, "reasoning")));
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
