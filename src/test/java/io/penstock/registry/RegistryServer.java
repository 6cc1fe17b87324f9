package io.penstock.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Serves a registry over HTTP without the application around it, remembers who asked, and fails when it is told to. */
public final class RegistryServer implements AutoCloseable {
    private static final String ROOT = "/registry";

    private final HttpServer server;
    private final RegistryApi api;
    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicInteger failures = new AtomicInteger();
    private final Queue<String> authorizations = new ConcurrentLinkedQueue<>();

    public RegistryServer(EmbeddedRegistry registry) {
        this(registry, 0);
    }

    /** @param port where another of these may have been before */
    public RegistryServer(EmbeddedRegistry registry, int port) {
        this.api = new RegistryApi(() -> registry);
        try {
            this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext(ROOT, this::answer);
        server.start();
    }

    public String url() {
        return "http://127.0.0.1:" + port() + ROOT;
    }

    public int port() {
        return server.getAddress().getPort();
    }

    /** How many calls came so far. */
    public int calls() {
        return calls.get();
    }

    /** The Authorization headers that came so far. */
    public Queue<String> authorizations() {
        return authorizations;
    }

    /** Answers the next calls with 500. */
    public void fail(int times) {
        failures.set(times);
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            calls.incrementAndGet();
            String authorization = exchange.getRequestHeaders().getFirst("Authorization");
            if (authorization != null) {
                authorizations.add(authorization);
            }
            if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                exchange.sendResponseHeaders(500, -1);
                return;
            }
            RegistryApi.Answer answer = api.handle(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().getRawPath().substring(ROOT.length()),
                    exchange.getRequestURI().getRawQuery(),
                    new String(exchange.getRequestBody().readAllBytes(), UTF_8));
            byte[] body = answer.json().getBytes(UTF_8);
            exchange.getResponseHeaders().set("Content-Type", RegistryResource.V1_JSON);
            exchange.sendResponseHeaders(answer.status(), body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
