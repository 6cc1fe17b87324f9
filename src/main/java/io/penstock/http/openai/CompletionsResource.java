package io.penstock.http.openai;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.chat.StreamedReply;
import io.penstock.http.Bodies;
import io.penstock.http.EventStream;
import io.penstock.http.OpenAiError;
import io.penstock.http.Scopes;
import io.penstock.http.Services;
import io.penstock.schema.ChatReply;
import io.penstock.schema.ChatRequest;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Answers questions, with citations beside the message, whole or as a stream. A client that goes away cancels its call.
 *
 * <p>Works on the event loop, so that a question takes no thread while it is answered; bodies, which bring whole conversations, are
 * read on another.
 */
@Path("/v1/chat/completions")
@Produces({MediaType.APPLICATION_JSON, MediaType.SERVER_SENT_EVENTS})
@Consumes({MediaType.APPLICATION_JSON, MediaType.WILDCARD})
public class CompletionsResource {
    private final Services services;

    public CompletionsResource(Services services) {
        this.services = services;
    }

    private record Asked(ChatRequest question, CompletionJson json, boolean usage) {}

    @POST
    public CompletionStage<Response> complete(@jakarta.ws.rs.core.Context RoutingContext call) {
        services.requireChat();
        Context loop = call.vertx().getOrCreateContext();
        Buffer body = call.body().buffer();
        CompletableFuture<Response> response = new CompletableFuture<>();
        call.vertx()
                .executeBlocking(() -> asked(Bodies.object(body == null ? null : body.getBytes())), false)
                .onFailure(response::completeExceptionally)
                .onSuccess(asked -> {
                    try {
                        if (response.isCancelled()) {
                            return; // the client has gone meanwhile
                        }
                        if (asked.question().getStream()) {
                            stream(call, asked, response);
                        } else {
                            answer(asked, response, loop);
                        }
                    } catch (RuntimeException e) {
                        response.completeExceptionally(e);
                    }
                });
        return response;
    }

    private Asked asked(JsonNode body) {
        CompletionRequest request = CompletionRequest.read(body);
        ChatRequest question = request.question(Instant.now());
        boolean byModel = !request.model().equals(ChatModel.EVERYTHING);
        InvalidParameter.in(byModel ? "model" : "topic", () -> {
            Scopes.require(services.patientCatalog(), request.topic(), request.segment());
            return question;
        });
        return new Asked(
                question,
                new CompletionJson(
                        question.getRequestId(),
                        question.getRequestedAt(),
                        request.model(),
                        request.stream() && request.usage()),
                request.usage());
    }

    /** @param response which is cancelled when the client goes */
    private void answer(Asked asked, CompletableFuture<Response> response, Context loop) {
        CompletableFuture<ChatReply> reply = services.chat().askAsync(asked.question(), services.chatPatience());
        var _ = reply.whenComplete((whole, failure) -> loop.runOnContext(_ -> {
            if (failure == null) {
                response.complete(whole(whole, asked.json()));
            } else {
                response.completeExceptionally(failure);
            }
        }));
        whenCancelled(response, () -> reply.cancel(false));
    }

    private static Response whole(ChatReply reply, CompletionJson json) {
        return reply.getError() == null
                ? Response.ok(json.whole(reply.getAnswer()), MediaType.APPLICATION_JSON_TYPE)
                        .build()
                : OpenAiError.response(
                        reply.getError().getStatus(),
                        reply.getError().getCode(),
                        reply.getError().getDetail(),
                        null);
    }

    private void stream(RoutingContext call, Asked asked, CompletableFuture<Response> response) {
        EventStream events = new EventStream(call, EventStream.HEARTBEAT);
        CompletionStream stream = new CompletionStream(
                asked.json(), asked.usage(), new EventChunks(events, response), response::completeExceptionally);
        StreamedReply reply = services.chat().stream(asked.question(), services.chatPatience(), stream);
        events.onGone(reply::cancel);
        whenCancelled(response, reply::cancel);
    }

    /** The client may go before there is an answer. */
    private static void whenCancelled(CompletableFuture<Response> response, Runnable task) {
        var _ = response.whenComplete((_, _) -> {
            if (response.isCancelled()) {
                task.run();
            }
        });
    }

    /** Chunks as server-sent events; the first one makes the stream the response. */
    private record EventChunks(EventStream events, CompletableFuture<Response> response) implements Chunks {
        @Override
        public void send(String data) {
            events.data(data);
            response.complete(Response.ok(events, EventStream.MEDIA_TYPE).build());
        }

        @Override
        public void end() {
            events.end();
        }
    }
}
