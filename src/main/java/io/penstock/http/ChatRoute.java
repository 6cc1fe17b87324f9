package io.penstock.http;

import io.penstock.chat.ChatTimeoutException;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schema.ChatReply;
import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The short way to the chat, for what it is asked most: a small question about whatever is indexed, whose answer is wanted whole, as
 * JSON. The answers are those of {@link ChatResource}, but the way from the router to a resource and back, a tenth of the time that a
 * question takes in the application, is spared. All else goes on to the resource.
 *
 * <p>Works on the event loop and must not block.
 */
@ApplicationScoped
public class ChatRoute {
    /** Behind {@link AccessFilter}, before the resources. */
    private static final int ORDER = -900;

    private static final String JSON = "application/json;charset=UTF-8";
    private static final Set<String> ANYTHING_OR_JSON = Set.of("*/*", "application/json");

    private final Services services;
    private final AwaitedRuns runs;

    public ChatRoute(Services services) {
        this.services = services;
        this.runs = new AwaitedRuns(services);
    }

    void register(@Observes Router router) {
        router.post("/api/chat").order(ORDER).handler(this::ask);
    }

    private void ask(RoutingContext call) {
        Context loop = call.vertx().getOrCreateContext();
        HttpServerRequest request = call.request();
        Buffer body = call.body().buffer();
        if (!wantsWhole(request.headers(), request.query())
                || body == null
                || body.length() > ChatResource.SMALL_BODY) {
            call.next();
            return;
        }
        CompletableFuture<ChatReply> reply;
        try {
            services.requireChat();
            ChatQuestion question = ChatQuestion.of(body.getBytes());
            if (question.namesAny()) {
                call.next(); // which must be looked for, and that may take a while
                return;
            }
            reply = services.chat().askAsync(question.request(services, runs), services.chatPatience());
        } catch (PenstockException e) {
            refuse(call, e);
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // though there was nothing to wait for
            call.fail(e);
            return;
        }
        var _ = reply.whenComplete((whole, failure) -> loop.runOnContext(_ -> answer(call, whole, failure)));
        call.addEndHandler(_ -> reply.cancel(false)); // the client may go before there is an answer
    }

    /** Whether it is said, in a way that leaves no doubt, that the answer is wanted whole and as JSON. */
    static boolean wantsWhole(MultiMap headers, @Nullable String query) {
        String accept = headers.get("Accept");
        return (accept == null || ANYTHING_OR_JSON.contains(accept))
                && !headers.contains("Last-Event-ID")
                && query == null;
    }

    private static void answer(RoutingContext call, @Nullable ChatReply reply, @Nullable Throwable failure) {
        HttpServerResponse response = call.response();
        if (response.ended() || response.closed() || failure instanceof CancellationException) {
            return; // the client has gone
        }
        if (reply == null) {
            refuse(call, failure);
            return;
        }
        try {
            if (reply.getError() == null) {
                response.putHeader("Content-Type", JSON);
                var _ = response.end(ChatAnswers.json(reply).toString());
            } else {
                Problem.write(ChatAnswers.response(reply), response);
            }
        } catch (RuntimeException e) {
            call.fail(new IllegalStateException("A reply cannot be shown", e)); // else the client would wait for ever
        }
    }

    private static void refuse(RoutingContext call, @Nullable Throwable failure) {
        switch (failure) {
            case ChatTimeoutException late ->
                Problem.write(Problem.response(late.code(), ChatAnswers.problem(late)), call.response());
            case PenstockException told
            when told.code() != ErrorCode.INTERNAL ->
                Problem.write(Problem.response(told.code(), told.detail()), call.response());
            case null, default -> call.fail(failure);
        }
    }
}
