package io.penstock.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;

/**
 * A server that answers what it was told to: each call with the next of its answers, the last one again and again. Public, because
 * the launcher's tests use it too.
 */
public final class Loopback implements AutoCloseable {
    /** @param call such as {@code GET /api/runs/r?wait=1} */
    public record Request(String call, Headers headers, String body) {}

    /** How a call is answered. */
    public interface Reply {
        void to(HttpExchange exchange) throws IOException, InterruptedException;
    }

    private final HttpServer server;
    private final Map<String, Deque<Reply>> replies = new ConcurrentHashMap<>();
    private final List<Request> requests = new ArrayList<>();

    public Loopback() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** @param call method and path without its query */
    public Loopback on(String call, Reply... inTurn) {
        replies.put(call, new ArrayDeque<>(Arrays.asList(inTurn)));
        return this;
    }

    /** What was asked so far. */
    public synchronized List<Request> requests() {
        return List.copyOf(requests);
    }

    private void answer(HttpExchange exchange) {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            String call = exchange.getRequestMethod() + " " + exchange.getRequestURI();
            synchronized (this) {
                requests.add(new Request(call, exchange.getRequestHeaders(), body));
            }
            next(exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath())
                    .to(exchange);
        } catch (IOException e) {
            // The client has gone, which tests look for where it matters.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized Reply next(String call) {
        Deque<Reply> left = replies.get(call);
        if (left == null || left.isEmpty()) {
            return problem(404, "path.unknown", "There is nothing at " + call + ".");
        }
        return left.size() == 1 ? left.getFirst() : left.removeFirst();
    }

    public static Reply json(int status, String body) {
        return whole(status, "application/json", body);
    }

    public static Reply problem(int status, String code, String detail) {
        return whole(
                status,
                "application/problem+json",
                "{\"status\":" + status + ",\"code\":\"" + code + "\",\"detail\":\"" + detail + "\"}");
    }

    public static Reply whole(int status, String type, String body) {
        return exchange -> {
            byte[] bytes = body.getBytes(UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        };
    }

    /** A stream that ends after these events, as it should or not. */
    public static Reply events(String... events) {
        return exchange -> {
            try (OutputStream body = stream(exchange)) {
                write(body, events);
            }
        };
    }

    /** A stream that breaks after these events: the connection is closed without its last chunk. */
    public static Reply brokenAfter(String... events) {
        return exchange -> write(stream(exchange), events);
    }

    /** A stream that sends these and then nothing until the latch is open. */
    public static Reply silentAfter(CountDownLatch latch, String... events) {
        return exchange -> {
            write(stream(exchange), events);
            latch.await();
        };
    }

    /** A stream that goes on and on until its client has gone. */
    public static Reply endless(CountDownLatch gone, String... events) {
        return exchange -> {
            OutputStream body = stream(exchange);
            write(body, events);
            try {
                while (true) {
                    write(body, ": still there\n\n");
                }
            } catch (IOException e) {
                gone.countDown();
            }
        };
    }

    private static OutputStream stream(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        return exchange.getResponseBody();
    }

    private static void write(OutputStream body, String... events) throws IOException {
        for (String event : events) {
            body.write(event.getBytes(UTF_8));
            body.flush();
        }
    }

    /** An event without an id. */
    public static String event(String name, String data) {
        return "event: " + name + "\ndata: " + data + "\n\n";
    }

    public static String event(String id, String name, String data) {
        return "id: " + id + "\n" + event(name, data);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
