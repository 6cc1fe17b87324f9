package io.penstock.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.URI;
import java.util.concurrent.TimeUnit;

/**
 * spring-kafka's requests and replies behind the leanest HTTP server that there is to hand, the one that the application is built on
 * too: no framework, no key, no checks. May be used by any number of threads.
 */
final class TemplateOverHttp implements RoundTrip {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int PATIENCE_SECONDS = 10;

    private final ReplyingTemplate template;
    private final Vertx vertx = Vertx.vertx();
    private final ChatOverHttp client;

    /** @param template which its owner closes */
    TemplateOverHttp(ReplyingTemplate template) throws Exception {
        this.template = template;
        HttpServer server = vertx.createHttpServer()
                .requestHandler(request -> request.bodyHandler(body -> answer(request, body)))
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        client = new ChatOverHttp(
                "ReplyingKafkaTemplate over HTTP", URI.create("http://127.0.0.1:" + server.actualPort()), "none");
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

    @Override
    public String name() {
        return client.name();
    }

    @Override
    public String ask(String question) throws IOException {
        return client.ask(question);
    }

    @Override
    public void close() {
        client.close();
        var _ = vertx.close();
    }
}
