package io.penstock.capture;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** A web server on this machine that remembers what it was asked. */
final class LoopbackServer implements AutoCloseable {
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Asked> asked = new CopyOnWriteArrayList<>();
    private final HttpServer server;

    /** @param headers names as HTTP/1.1 servers of the JDK give them: {@code If-none-match} */
    record Asked(String method, String uri, Map<String, List<String>> headers, String body) {
        @Nullable
        String header(String name) {
            List<String> values = headers.get(name);
            return values == null ? null : values.getFirst();
        }
    }

    /** Answers a request. */
    @FunctionalInterface
    interface Handler {
        void handle(HttpExchange exchange) throws IOException;
    }

    LoopbackServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.start();
    }

    String authority() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    String base() {
        return "http://" + authority();
    }

    List<Asked> asked() {
        return asked;
    }

    List<String> uris() {
        return asked.stream().map(Asked::uri).toList();
    }

    void answer(String path, Handler handler) {
        server.createContext(path, exchange -> {
            asked.add(new Asked(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().toString(),
                    Map.copyOf(exchange.getRequestHeaders()),
                    new String(exchange.getRequestBody().readAllBytes(), UTF_8)));
            try (exchange) {
                handler.handle(exchange);
            }
        });
    }

    void answerJson(String path, String json) {
        answer(path, exchange -> send(exchange, 200, "application/json", json));
    }

    /** The value of a parameter of the query, or an empty text. */
    static String parameter(HttpExchange exchange, String name) {
        URI uri = exchange.getRequestURI();
        for (String parameter : String.valueOf(uri.getRawQuery()).split("&", -1)) {
            if (parameter.startsWith(name + "=")) {
                return URLDecoder.decode(parameter.substring(name.length() + 1), UTF_8);
            }
        }
        return "";
    }

    static void send(HttpExchange exchange, int status, String type, String text) throws IOException {
        send(exchange, status, type, text.getBytes(UTF_8));
    }

    static void send(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        if (!type.isEmpty()) {
            exchange.getResponseHeaders().add("Content-Type", type);
        }
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            exchange.getResponseBody().write(body);
        }
    }

    /** A source that may reach this server. */
    HttpSource source(CaptureSettings settings) {
        return source(settings, Map.of());
    }

    HttpSource source(CaptureSettings settings, Map<String, String> environment) {
        return source(settings, environment, new CaptureCounters());
    }

    HttpSource source(CaptureSettings settings, Map<String, String> environment, CaptureCounters counters) {
        CaptureSettings reachable = settings.withHosts(Set.of(authority()));
        InstantSource clock = InstantSource.system();
        return new HttpSource(
                new Outbound(reachable, clock, Pace.UNLIMITED, InetAddress::getAllByName, null, counters),
                clock,
                new Secrets(reachable.secrets(), environment::get));
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
