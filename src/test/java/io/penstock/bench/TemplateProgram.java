package io.penstock.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * spring-kafka's requests and replies behind the leanest HTTP server that there is to hand, the one that the application is built on
 * too: no framework, no key, no checks. A process of its own, as the application is, which both asks and answers. Ends with its input.
 */
public final class TemplateProgram {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int PATIENCE_SECONDS = 10;

    private final ReplyingTemplate template;
    private final Vertx vertx;

    private TemplateProgram(ReplyingTemplate template, Vertx vertx) {
        this.template = template;
        this.vertx = vertx;
    }

    /** Prints the port on which it serves; the argument says where Kafka is. */
    public static void main(String... arguments) throws Exception {
        Logs.warningsOnly();
        Vertx vertx = Vertx.vertx();
        try (EchoTopics topics = new EchoTopics(arguments[0]);
                ReplyingTemplate template = new ReplyingTemplate(topics, "over-http")) {
            System.out.println(new TemplateProgram(template, vertx).listen());
            while (System.in.read() >= 0) {
                // nothing is ordered
            }
        } finally {
            var _ = vertx.close();
        }
    }

    private int listen() throws Exception {
        HttpServer server = vertx.createHttpServer()
                .requestHandler(request -> request.bodyHandler(body -> answer(request, body)))
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        return server.actualPort();
    }

    private void answer(HttpServerRequest request, Buffer body) {
        Context loop = vertx.getOrCreateContext();
        try {
            String question = JSON.readTree(body.getBytes()).path("message").asText();
            var _ = template.send(question)
                    .whenComplete((reply, failure) -> loop.runOnContext(_ -> {
                        if (failure == null) {
                            request.response()
                                    .putHeader("Content-Type", "application/json")
                                    .end(JSON.createObjectNode()
                                            .put("reply", reply)
                                            .toString());
                        } else {
                            request.response().setStatusCode(500).end(failure.toString());
                        }
                    }));
        } catch (JsonProcessingException e) {
            request.response().setStatusCode(400).end();
        } catch (IOException e) {
            request.response().setStatusCode(500).end();
        }
    }
}
