package io.penstock.answer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.langchain4j.http.client.sse.ServerSentEvent;
import dev.langchain4j.http.client.sse.ServerSentEventContext;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import io.penstock.answer.EndpointException.Kind;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the events of a streamed completion before LangChain4j does, which passes over errors that are reported as ordinary
 * events and takes any end of a stream for the end of the answer. An answer is whole when its last choice names the reason why
 * the model stopped, or when the endpoint has sent {@code [DONE]}.
 */
final class CompletionWatch implements ServerSentEventListener {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String DONE = "[DONE]";

    private final ServerSentEventListener listener;
    private final Secret secret;
    private final Runnable endExchange;
    private boolean any;
    private boolean whole;
    private @Nullable EndpointException failure;

    /** @param endExchange lets the stream of events end; LangChain4j takes one that is cancelled for no answer */
    CompletionWatch(ServerSentEventListener listener, Secret secret, Runnable endExchange) {
        this.listener = listener;
        this.secret = secret;
        this.endExchange = endExchange;
    }

    @Override
    public void onEvent(ServerSentEvent event, ServerSentEventContext context) {
        if (failure != null) {
            return;
        }
        any = true;
        String data = event.data();
        if (DONE.equals(data.strip())) {
            whole = true;
            endExchange.run(); // there is no more, whether or not the endpoint ends its stream
            return;
        }
        JsonNode node = parsed(data);
        JsonNode error = node.path("error");
        if ("error".equals(event.event()) || !(error.isMissingNode() || error.isNull())) {
            String said = error.path("message").asText(error.isTextual() ? error.textValue() : data);
            fail(new EndpointException(Kind.REPORTED, secret.redact(said)), context);
            return;
        }
        if (!node.isObject()) {
            fail(new EndpointException(Kind.UNREADABLE, ""), context);
            return;
        }
        JsonNode reason = node.path("choices").path(0).path("finish_reason");
        whole |= reason.isTextual() && !reason.textValue().isBlank();
        listener.onEvent(event, context);
    }

    /** What is no JSON is missing. */
    private static JsonNode parsed(String data) {
        try {
            return JSON.readTree(data);
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance();
        }
    }

    private void fail(EndpointException reason, ServerSentEventContext context) {
        failure = reason;
        context.parsingHandle().cancel();
    }

    /** What fails after the answer is whole, such as an endpoint that does not close its stream, takes nothing from it. */
    @Override
    public void onError(Throwable problem) {
        if (failure == null && !whole) {
            failure = problem instanceof EndpointException known
                    ? known
                    : new EndpointException(Kind.BROKEN, secret.redact(String.valueOf(problem.getMessage())));
        }
    }

    /** To be called when there are no more events. */
    void end() {
        EndpointException reason = failure;
        if (reason == null && !whole) {
            reason = new EndpointException(any ? Kind.TRUNCATED : Kind.UNREADABLE, "");
        }
        if (reason == null) {
            listener.onClose();
        } else {
            listener.onError(reason);
        }
    }
}
