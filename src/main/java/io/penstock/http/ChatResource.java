package io.penstock.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.chat.ChatTopology;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.query.AvroJson;
import io.penstock.schema.ChatAnswer;
import io.penstock.schema.ChatReply;
import io.penstock.schema.ChatRequest;
import io.penstock.vector.SearchRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Answers questions with citations. */
@Path("/api/chat")
@Produces(MediaType.APPLICATION_JSON)
@Consumes({MediaType.APPLICATION_JSON, MediaType.WILDCARD})
public class ChatResource {
    private static final Set<String> FIELDS = Set.of("message", "session_id", "topic", "segment", "k", "run_id");
    private static final int MAX_MESSAGE = 16_000;
    private static final int MAX_SESSION = 200;
    private static final AvroJson JSON = new AvroJson(false);

    /** How long a question waits for the run that it names. */
    private static final Duration RUN_PATIENCE = Duration.ofSeconds(10);

    private final Services services;
    private final AwaitedRuns runs;

    public ChatResource(Services services) {
        this.services = services;
        this.runs = new AwaitedRuns(services);
    }

    @POST
    public Response ask(byte @Nullable [] body) throws InterruptedException {
        if (!services.cluster().hosts(ChatTopology.NAME)) { // nobody would ever answer
            String fault = services.topologyFaults().get(ChatTopology.NAME);
            throw new PenstockException(
                    ErrorCode.NOT_READY,
                    "The chat does not run: "
                            + (fault == null ? "no instance that is running has the topology chat" : fault) + ".");
        }
        JsonNode question = Bodies.object(body);
        Bodies.refuseOthers(question, FIELDS);
        String message = Bodies.requiredText(question, "message");
        if (message.isBlank() || message.length() > MAX_MESSAGE) {
            throw Bodies.outOfRange("The message must have 1 to " + MAX_MESSAGE + " characters.");
        }
        Optional<String> topic = Bodies.text(question, "topic");
        Optional<String> segment = Bodies.text(question, "segment");
        Scopes.require(services.patientCatalog(), topic.orElse(null), segment.orElse(null));
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
        Optional<String> run = Bodies.text(question, "run_id");
        Map<String, Long> position = new HashMap<>();
        if (run.isPresent()) {
            // The chat itself bounds how many questions wait for the index.
            runs.afterwards(run.get(), System.nanoTime() + RUN_PATIENCE.toNanos(), reached -> reached)
                    .forEach((partition, offset) -> position.put(Integer.toString(partition), offset));
        }
        ChatReply reply = services.chat()
                .ask(
                        ChatRequest.newBuilder()
                                .setRequestId(UUID.randomUUID().toString())
                                .setMessage(message)
                                .setSessionId(session)
                                .setTopic(topic.orElse(null))
                                .setSegment(segment.orElse(null))
                                .setK(k.orElse(null))
                                .setRequestedAt(Instant.now())
                                .setIndexPosition(position)
                                .build(),
                        services.chatPatience());
        return reply.getError() == null
                ? Response.ok(json(reply, reply.getAnswer())).build()
                : Problem.response(
                        reply.getError().getStatus(),
                        reply.getError().getCode(),
                        reply.getError().getDetail());
    }

    private static ObjectNode json(ChatReply reply, ChatAnswer answer) {
        ObjectNode node = JsonNodeFactory.instance
                .objectNode()
                .put("reply", answer.getReply())
                .put("answered", answer.getAnswered())
                .put("answerer", answer.getAnswerer());
        ArrayNode citations = node.putArray("citations");
        answer.getCitations().forEach(citation -> citations.add(JSON.object(citation)));
        node.put("session_id", reply.getSessionId()).put("request_id", reply.getRequestId());
        node.set("usage", JSON.object(answer.getUsage()));
        return node;
    }
}
