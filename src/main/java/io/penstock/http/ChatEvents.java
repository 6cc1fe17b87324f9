package io.penstock.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.chat.EventId;
import io.penstock.chat.StreamBrokenException;
import io.penstock.chat.StreamListener;
import io.penstock.error.PenstockException;
import io.penstock.schema.ChatReply;
import io.penstock.schema.Citation;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Writes a reply as events while it is made. What goes wrong before the first is an ordinary problem.
 *
 * <p>Threading: as the listener it is, called by one thread at a time.
 */
final class ChatEvents implements StreamListener {
    private final EventStream stream;
    private final @Nullable String session;
    private final CompletableFuture<Response> response;

    /**
     * @param session of the request; null when a stream is resumed, whose client had its start before
     * @param response completed with the stream, or with a problem
     */
    ChatEvents(EventStream stream, @Nullable String session, CompletableFuture<Response> response) {
        this.stream = stream;
        this.session = session;
        this.response = response;
    }

    @Override
    public void onStart(EventId id) {
        if (session != null) {
            stream.event("start", id, object().put("request_id", id.requestId()).put("session_id", session));
        }
        response.complete(Response.ok(stream, EventStream.MEDIA_TYPE).build());
    }

    @Override
    public void onCitations(List<Citation> citations) {
        stream.event("citations", null, object().set("citations", ChatAnswers.citations(citations)));
    }

    @Override
    public void onText(String text, EventId id) {
        stream.event("text", id, object().put("text", text));
    }

    @Override
    public void onReset(int attempt) {
        stream.event("reset", null, object().put("attempt", attempt));
    }

    @Override
    public void onDone(ChatReply reply, EventId id) {
        stream.event("done", id, ChatAnswers.json(reply));
        stream.end();
    }

    @Override
    public void onError(PenstockException error) {
        if (response.completeExceptionally(error)) {
            return;
        }
        if (!(error instanceof StreamBrokenException)) { // which a client sees by the missing end, and resumes
            stream.event("error", null, ChatAnswers.problem(error));
        }
        stream.end();
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }
}
