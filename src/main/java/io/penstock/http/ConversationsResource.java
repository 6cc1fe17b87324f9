package io.penstock.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.chat.ChatTopology;
import io.penstock.chat.ConversationSummary;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.query.AvroJson;
import io.penstock.query.StoreQueries;
import io.penstock.schema.ChatReply;
import io.penstock.schema.ChatRequest;
import io.penstock.schema.Conversation;
import io.penstock.schema.Turn;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** What is remembered of conversations, whichever instance has it. */
@Path("/api/conversations")
@Produces(MediaType.APPLICATION_JSON)
public class ConversationsResource {
    private static final int MAX_WAIT_SECONDS = 300;
    private static final int MAX_SESSION = 1_000;
    private static final int MAX_WAITING = 64;

    private static final AvroJson JSON = new AvroJson(false);

    private final Services services;
    private final BoundedCalls waiting =
            new BoundedCalls(MAX_WAITING, "Too many calls wait for turns; try again, or ask without 'wait'.");

    public ConversationsResource(Services services) {
        this.services = services;
    }

    @GET
    public ObjectNode list(@QueryParam("limit") @Nullable String limit, @QueryParam("after") @Nullable String after) {
        StoreQueries.Page page = services.stores()
                .page(
                        ChatTopology.CONVERSATIONS,
                        ConversationSummary.VIEW, // whole conversations would fill the memory
                        new StoreQueries.Range(null, null, null, after, Pages.limit(limit)));
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode conversations = answer.putArray("conversations");
        page.entries().forEach(entry -> conversations.add(JSON.value(entry.value())));
        return answer.put("next", page.next());
    }

    @GET
    @Path("/{session}")
    public ObjectNode one(@PathParam("session") String session) {
        Conversation conversation = services.stores()
                .get(ChatTopology.CONVERSATIONS, session)
                .map(Conversation.class::cast)
                .orElseThrow(() -> unknown(session));
        ObjectNode answer = JsonNodeFactory.instance.objectNode().put("session_id", session);
        ArrayNode turns = answer.putArray("turns");
        conversation.getTurns().forEach(turn -> turns.add(ChatAnswers.json(session, turn)));
        return answer;
    }

    /** Goes the way of questions: what was asked before is answered first, and forgotten too. */
    @DELETE
    @Path("/{session}")
    public CompletionStage<Response> forget(@PathParam("session") String session) {
        services.requireChat();
        if (session.isBlank() || session.length() > MAX_SESSION) {
            throw unknown(session); // and the chat would not take it
        }
        ChatRequest request = ChatRequest.newBuilder()
                .setRequestId(UUID.randomUUID().toString())
                .setMessage("")
                .setSessionId(session)
                .setRequestedAt(Instant.now())
                .setForget(true)
                .build();
        return services.chat().askAsync(request, services.chatPatience()).thenApply(reply -> forgotten(session, reply));
    }

    private static Response forgotten(String session, ChatReply reply) {
        if (reply.getError() != null) {
            return ChatAnswers.response(reply);
        }
        int turns = reply.getForgottenTurns() == null ? 0 : reply.getForgottenTurns();
        if (turns == 0) {
            throw unknown(session);
        }
        return Response.ok(JsonNodeFactory.instance
                        .objectNode()
                        .put("session_id", session)
                        .put("forgotten_turns", turns))
                .build();
    }

    @GET
    @Path("/{session}/turns/{request}")
    public ObjectNode turn(
            @PathParam("session") String session,
            @PathParam("request") String request,
            @QueryParam("wait") @Nullable String wait)
            throws InterruptedException {
        Duration patience =
                wait == null ? Duration.ZERO : Duration.ofSeconds(Pages.number("wait", wait, 0, MAX_WAIT_SECONDS));
        Optional<Object> conversation = patience.isZero()
                ? services.stores().get(ChatTopology.CONVERSATIONS, session)
                : await(session, request, patience);
        return conversation
                .flatMap(found -> find((Conversation) found, request))
                .map(turn -> ChatAnswers.json(session, turn))
                .orElseThrow(() -> new PenstockException(
                        ErrorCode.KEY_UNKNOWN,
                        "The conversation '" + session + "' has no turn '" + request
                                + "'. A question that is still being answered becomes one when its reply is there."));
    }

    private Optional<Object> await(String session, String request, Duration patience) throws InterruptedException {
        return waiting.run(() -> services.stores()
                .await(
                        ChatTopology.CONVERSATIONS,
                        session,
                        now -> find((Conversation) now, request).isPresent(),
                        patience));
    }

    private static Optional<Turn> find(Conversation conversation, String request) {
        return conversation.getTurns().stream()
                .filter(turn -> turn.getRequestId().equals(request))
                .findFirst();
    }

    private static PenstockException unknown(String session) {
        return new PenstockException(
                ErrorCode.KEY_UNKNOWN,
                "There is no conversation '" + session + "'. GET /api/conversations lists what there is.");
    }
}
