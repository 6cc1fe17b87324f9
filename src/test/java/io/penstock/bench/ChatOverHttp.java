package io.penstock.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Questions to a chat over connections that are kept alive: one for each thread that asks. Each question begins a
 * session of its own. May be used by any number of threads.
 */
final class ChatOverHttp implements RoundTrip {
    private static final JsonMapper JSON = new JsonMapper();

    private final String name;
    private final Queue<LeanHttp> connections = new ConcurrentLinkedQueue<>();
    private final ThreadLocal<LeanHttp> connection;

    ChatOverHttp(String name, URI server, String key) {
        this.name = name;
        connection = ThreadLocal.withInitial(() -> open(server, key));
    }

    private LeanHttp open(URI server, String key) {
        try {
            LeanHttp opened = new LeanHttp(server, key);
            connections.add(opened);
            return opened;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String ask(String question) throws IOException {
        return reply(connection.get().post("/api/chat", "{\"message\":\"" + question + "\"}"));
    }

    private static String reply(String answer) throws IOException {
        return JSON.readTree(answer).path("reply").asText();
    }

    @Override
    public void close() {
        connections.forEach(LeanHttp::close);
    }
}
