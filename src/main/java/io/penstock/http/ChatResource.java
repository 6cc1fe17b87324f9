package io.penstock.http;

import io.penstock.chat.EventId;
import io.penstock.chat.StreamedReply;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schema.ChatReply;
import io.penstock.schema.ChatRequest;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Answers questions with citations, whole or as a stream.
 *
 * <p>Most questions come by {@link ChatRoute} and never here. Works on the event loop, so that a question takes no thread while it is answered; only what must be looked for first is looked for
 * on another.
 */
@Path("/api/chat")
@Consumes({MediaType.APPLICATION_JSON, MediaType.WILDCARD})
public class ChatResource {
    /** A larger body takes a while to be read as JSON, even if only to be refused. */
    static final int SMALL_BODY = 64 * 1024;

    private final Services services;
    private final AwaitedRuns runs;

    public ChatResource(Services services) {
        this.services = services;
        this.runs = new AwaitedRuns(services);
    }

    @POST
    @Produces({MediaType.APPLICATION_JSON, MediaType.SERVER_SENT_EVENTS})
    public CompletionStage<Response> ask(@jakarta.ws.rs.core.Context RoutingContext call) {
        boolean streams = EventStream.isWanted(call.request().getHeader("Accept"));
        String lastEvent = lastEvent(call);
        if (lastEvent != null) {
            return resume(call, lastEvent);
        }
        services.requireChat();
        Context loop = call.vertx().getOrCreateContext();
        CompletableFuture<Response> response = new CompletableFuture<>();
        var _ = request(call).whenComplete((request, failure) -> {
            try {
                if (failure != null) {
                    response.completeExceptionally(failure);
                } else if (response.isCancelled()) {
                    return; // the client has gone meanwhile
                } else if (streams) {
                    stream(call, request, response);
                } else {
                    answer(request, response, loop);
                }
            } catch (RuntimeException e) {
                response.completeExceptionally(e);
            }
        });
        return response;
    }

    @GET
    @Produces({MediaType.SERVER_SENT_EVENTS, MediaType.APPLICATION_JSON})
    public CompletionStage<Response> resume(@jakarta.ws.rs.core.Context RoutingContext call) {
        String lastEvent = lastEvent(call);
        if (lastEvent == null) {
            throw Bodies.outOfRange("A question is asked by POST. GET resumes a stream: send Last-Event-ID, the id of"
                    + " the last event that came.");
        }
        return resume(call, lastEvent);
    }

    private static @Nullable String lastEvent(RoutingContext call) {
        String header = call.request().getHeader("Last-Event-ID");
        return header == null || header.isBlank() ? call.queryParams().get("last_event_id") : header;
    }

    private CompletionStage<ChatRequest> request(RoutingContext call) {
        Buffer buffer = call.body().buffer();
        byte[] body = buffer == null ? null : buffer.getBytes();
        if (body != null && body.length > SMALL_BODY) {
            return call.vertx()
                    .executeBlocking(() -> ChatQuestion.of(body).request(services, runs), false)
                    .toCompletionStage();
        }
        ChatQuestion question = ChatQuestion.of(body);
        if (question.namesAny()) {
            return call.vertx()
                    .executeBlocking(() -> question.request(services, runs), false)
                    .toCompletionStage();
        }
        try {
            return CompletableFuture.completedFuture(question.request(services, runs)); // which has nothing to wait for
        } catch (InterruptedException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** @param response which is cancelled when the client goes */
    private void answer(ChatRequest request, CompletableFuture<Response> response, Context loop) {
        CompletableFuture<ChatReply> reply = services.chat().askAsync(request, services.chatPatience());
        var _ = reply.whenComplete((whole, failure) -> loop.runOnContext(_ -> {
            if (failure == null) {
                response.complete(ChatAnswers.response(whole));
            } else {
                response.completeExceptionally(failure);
            }
        }));
        whenCancelled(response, () -> reply.cancel(false));
    }

    private void stream(RoutingContext call, ChatRequest request, CompletableFuture<Response> response) {
        EventStream stream = new EventStream(call, EventStream.HEARTBEAT);
        ChatEvents events = new ChatEvents(stream, request.getSessionId(), response);
        StreamedReply reply = services.chat().stream(request, services.chatPatience(), events);
        stream.onGone(reply::clientGone);
        whenCancelled(response, reply::cancel); // without any id there is nothing to resume
    }

    private CompletionStage<Response> resume(RoutingContext call, String lastEvent) {
        EventId id = EventId.parse(lastEvent.strip())
                .orElseThrow(() -> Bodies.outOfRange("Last-Event-ID is the id of an event of this API, such as"
                        + " 3-1041-1-0799d419-11b9-4209-9e32-08c1f8172e60."));
        String accept = call.request().getHeader("Accept");
        if (!EventStream.isAccepted(accept)) {
            throw new PenstockException(
                    ErrorCode.MEDIA_TYPE_NOT_ACCEPTABLE, "A resumed stream is events: accept text/event-stream.");
        }
        if (call.request().method().equals(HttpMethod.HEAD)) {
            return CompletableFuture.completedFuture(
                    Response.ok().type(EventStream.MEDIA_TYPE).build());
        }
        CompletableFuture<Response> response = new CompletableFuture<>();
        EventStream stream = new EventStream(call, EventStream.HEARTBEAT);
        ChatEvents events = new ChatEvents(stream, null, response);
        StreamedReply reply = services.chat().resume(id, services.chatPatience(), events);
        stream.onGone(reply::clientGone);
        whenCancelled(response, reply::clientGone);
        return response;
    }

    /** The client may go before there is an answer. */
    private static void whenCancelled(CompletableFuture<Response> response, Runnable task) {
        var _ = response.whenComplete((_, _) -> {
            if (response.isCancelled()) {
                task.run();
            }
        });
    }
}
