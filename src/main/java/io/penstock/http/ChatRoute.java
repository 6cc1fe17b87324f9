package io.penstock.http;

import io.penstock.chat.ChatTimeoutException;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schema.ChatReply;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The short way to the chat, for what it is asked most: a small question about whatever is indexed, whose answer is wanted whole, as
 * JSON. The answers are those of {@link ChatResource}, but the way from the router to a resource and back, a tenth of the time that a
 * question takes in the application, is spared. All else goes on to the resource, what is to be refused too.
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
        CompletableFuture<ChatReply> reply =
                wantsWhole(call.request()) ? asked(call.body().buffer()) : null;
        if (reply == null) {
            call.next();
            return;
        }
        var _ = reply.whenComplete((whole, failure) -> loop.runOnContext(_ -> answer(call, whole, failure)));
        call.addEndHandler(_ -> reply.cancel(false)); // the client may go before there is an answer
    }

    /** Whether it is said, in a way that leaves no doubt, that the answer is wanted whole and as JSON. */
    private static boolean wantsWhole(HttpServerRequest request) {
        String accept = request.getHeader("Accept");
        return (accept == null || ANYTHING_OR_JSON.contains(accept))
                && request.getHeader("Last-Event-ID") == null
                && request.query() == null;
    }

    /** Null when there is something to refuse or to look for first, and nothing has been asked. */
    private @Nullable CompletableFuture<ChatReply> asked(@Nullable Buffer body) {
        if (body == null || body.length() > ChatResource.SMALL_BODY) {
            return null;
        }
        try {
            ChatQuestion question = ChatQuestion.of(body.getBytes());
            if (question.namesAny()) {
                return null;
            }
            services.requireChat();
            return services.chat().askAsync(question.request(services, runs), services.chatPatience());
        } catch (PenstockException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // there was nothing to wait for
            return null;
        }
    }

    private static void answer(RoutingContext call, @Nullable ChatReply reply, @Nullable Throwable failure) {
        HttpServerResponse response = call.response();
        if (response.ended() || response.closed()) {
            return;
        }
        if (reply == null) {
            refuse(call, failure);
        } else if (reply.getError() == null) {
            response.putHeader("Content-Type", JSON);
            var _ = response.end(ChatAnswers.json(reply).toString());
        } else {
            Problem.write(ChatAnswers.response(reply), response);
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
