package io.penstock.answer;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A loopback server that speaks the chat completion protocol, or fails as told. */
final class ChatServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch closed = new CountDownLatch(1);
    final List<JsonNode> requests = Collections.synchronizedList(new ArrayList<>());
    final List<String> keys = Collections.synchronizedList(new ArrayList<>());
    final CountDownLatch asked = new CountDownLatch(1);
    volatile Reply reply = Reply.text("");

    /** @param stalls sends the head and a first byte, and then nothing more */
    record Reply(int status, Map<String, String> headers, String body, boolean stalls) {
        static Reply text(String text) {
            return new Reply(
                    200,
                    Map.of(),
                    JSON.createObjectNode()
                            .put("id", "c1")
                            .put("object", "chat.completion")
                            .put("created", 1)
                            .put("model", "test-model")
                            .set(
                                    "choices",
                                    JSON.createArrayNode()
                                            .add(JSON.createObjectNode()
                                                    .put("index", 0)
                                                    .put("finish_reason", "stop")
                                                    .set(
                                                            "message",
                                                            JSON.createObjectNode()
                                                                    .put("role", "assistant")
                                                                    .put("content", text))))
                            .toString()
                            .replaceFirst(
                                    "}$",
                                    ",\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":7,\"total_tokens\":18}}"),
                    false);
        }

        static Reply status(int status, String body) {
            return new Reply(status, Map.of(), body, false);
        }

        static Reply stall() {
            return new Reply(200, Map.of(), "{", true);
        }

        Reply with(String header, String value) {
            return new Reply(status, Map.of(header, value), body, stalls);
        }
    }

    ChatServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/v1/chat/completions", this::handle);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
    }

    private void handle(HttpExchange exchange) throws IOException {
        requests.add(JSON.readTree(exchange.getRequestBody()));
        keys.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
        asked.countDown();
        Reply now = reply;
        byte[] body = now.body().getBytes(UTF_8);
        now.headers().forEach((name, value) -> exchange.getResponseHeaders().add(name, value));
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(now.status(), now.stalls() ? 1_000 : body.length);
        exchange.getResponseBody().write(body);
        if (now.stalls()) {
            exchange.getResponseBody().flush();
            try {
                closed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        exchange.close();
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.close();
    }
}
