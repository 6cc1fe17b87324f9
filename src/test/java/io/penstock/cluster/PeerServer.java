package io.penstock.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;

/** A peer on the loopback interface that answers as it is told. */
public final class PeerServer implements AutoCloseable {
    private final HttpServer server;
    private final BlockingQueue<String> keys = new LinkedBlockingQueue<>();

    /** How it answers a question. */
    public interface Answering {
        /** The status, a space, and the body. */
        String answer(String path, String question) throws IOException, InterruptedException;
    }

    public PeerServer(Answering answering) {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            try (exchange) {
                keys.add(String.valueOf(exchange.getRequestHeaders().getFirst("X-API-Key")));
                String question = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
                String answer = answering.answer(exchange.getRequestURI().getPath(), question);
                byte[] body = answer.substring(4).getBytes(UTF_8);
                exchange.getResponseHeaders().add("Location", "http://127.0.0.1:1/");
                exchange.sendResponseHeaders(Integer.parseInt(answer.substring(0, 3)), body.length);
                exchange.getResponseBody().write(body);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        server.start();
    }

    public Peer peer(String id, String... topologies) {
        return new Peer(
                id, URI.create("http://127.0.0.1:" + server.getAddress().getPort()), Set.of(), Set.of(topologies));
    }

    /** The keys that callers showed. */
    public Set<String> keys() {
        return Set.copyOf(keys);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
