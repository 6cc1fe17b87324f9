package io.penstock.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.chat.ChatTimeoutException;
import io.penstock.error.PenstockException;
import io.penstock.query.AvroJson;
import io.penstock.schema.ChatAnswer;
import io.penstock.schema.ChatReply;
import io.penstock.schema.Citation;
import io.penstock.schema.Turn;
import io.penstock.schema.Usage;
import jakarta.ws.rs.core.Response;
import java.net.URLEncoder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Answers of the chat as JSON. */
final class ChatAnswers {
    private static final AvroJson JSON = new AvroJson(false);

    private ChatAnswers() {}

    /** A whole reply: its answer, or the problem that it tells. */
    static Response response(ChatReply reply) {
        return reply.getError() == null
                ? Response.ok(json(reply)).build()
                : Problem.response(
                        reply.getError().getStatus(),
                        reply.getError().getCode(),
                        reply.getError().getDetail());
    }

    /** @param reply with an answer */
    static ObjectNode json(ChatReply reply) {
        ChatAnswer answer = reply.getAnswer();
        return json(
                answer.getReply(),
                answer.getAnswered(),
                answer.getAnswerer(),
                answer.getCitations(),
                reply.getSessionId(),
                reply.getRequestId(),
                answer.getUsage());
    }

    /** A turn of a conversation, in the shape of the answer to its question. */
    static ObjectNode json(String session, Turn turn) {
        return json(
                        turn.getReply(),
                        turn.getAnswered(),
                        turn.getAnswerer(),
                        turn.getCitations(),
                        session,
                        turn.getRequestId(),
                        turn.getUsage())
                .put("message", turn.getMessage())
                .put("at", turn.getAt().toString());
    }

    private static ObjectNode json(
            String reply,
            boolean answered,
            String answerer,
            List<Citation> citations,
            String session,
            String request,
            @Nullable Usage usage) {
        ObjectNode node = JsonNodeFactory.instance
                .objectNode()
                .put("reply", reply)
                .put("answered", answered)
                .put("answerer", answerer);
        node.set("citations", citations(citations));
        node.put("session_id", session).put("request_id", request);
        return node.set("usage", usage == null ? null : JSON.object(usage));
    }

    static ArrayNode citations(List<Citation> citations) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        citations.forEach(citation -> array.add(JSON.object(citation)));
        return array;
    }

    /** Of an answer that did not come in time it says where the late one can be read. */
    static ObjectNode problem(PenstockException error) {
        ObjectNode problem = Problem.body(error.code().status(), error.code().code(), error.detail());
        if (error instanceof ChatTimeoutException late) {
            problem.put("request_id", late.requestId());
            if (!late.sessionId().isEmpty()) {
                problem.put("session_id", late.sessionId());
                if (late.becomesTurn()) {
                    problem.put("href", turn(late.sessionId(), late.requestId()));
                }
            }
        }
        return problem;
    }

    /** The path of a turn. */
    static String turn(String session, String request) {
        return "/api/conversations/" + escaped(session) + "/turns/" + escaped(request);
    }

    private static String escaped(String text) {
        return URLEncoder.encode(text, UTF_8).replace("+", "%20");
    }
}
