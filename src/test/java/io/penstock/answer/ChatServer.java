package io.penstock.answer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * A loopback server that speaks the streamed chat completion protocol, or fails as told. It writes to sockets itself, so that it
 * can stop anywhere, break connections off, and see when a client does.
 */
public final class ChatServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final int port;
    private ServerSocket listening;
    private volatile Script script = text("");
    private final List<Asked> asked = Collections.synchronizedList(new ArrayList<>());
    /** A permit for each request that has come. */
    private final Semaphore arrivals = new Semaphore(0);
    /** A permit for each client that broke its connection off while the server was silent. */
    private final Semaphore hangUps = new Semaphore(0);

    /** What the server was asked. */
    public record Asked(String path, JsonNode body, String authorization) {}

    /** How to answer. */
    @FunctionalInterface
    public interface Script {
        void answer(Exchange exchange) throws IOException;
    }

    public ChatServer() {
        listening = listen(0);
        port = listening.getLocalPort();
    }

    private ServerSocket listen(int onPort) {
        try {
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), onPort));
            Thread.ofVirtual().start(() -> accept(socket));
            return socket;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String url() {
        return "http://127.0.0.1:" + port + "/v1";
    }

    public int port() {
        return port;
    }

    /** Answers like this from now on. */
    public void will(Script newScript) {
        script = newScript;
    }

    public List<Asked> asked() {
        synchronized (asked) {
            return List.copyOf(asked);
        }
    }

    public JsonNode lastBody() {
        return asked().getLast().body();
    }

    public Semaphore arrivals() {
        return arrivals;
    }

    public Semaphore hangUps() {
        return hangUps;
    }

    /** Refuses connections until {@link #resume()}. */
    public void refuseConnections() {
        close();
    }

    public void resume() {
        listening = listen(port);
    }

    /** A whole answer, a piece for each word. */
    public static Script text(String text) {
        return exchange -> {
            exchange.stream();
            for (String piece : text.split("(?= )", -1)) {
                exchange.piece(piece);
            }
            exchange.finish("stop");
            exchange.usage(11, 7);
            exchange.event("[DONE]");
            exchange.end();
        };
    }

    /** An answer that is no stream. */
    public static Script status(int status, String body) {
        return status(status, body, Map.of());
    }

    public static Script status(int status, String body, Map<String, String> headers) {
        return exchange -> {
            exchange.head(status, headers);
            exchange.chunk(body);
            exchange.end();
        };
    }

    private void accept(ServerSocket socket) {
        while (!socket.isClosed()) {
            try {
                Socket connection = socket.accept();
                open.add(connection);
                Thread.ofVirtual().start(() -> serve(connection));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            connection.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(connection.getInputStream());
            String head = head(in);
            byte[] body = in.readNBytes(Integer.parseInt(header(head, "Content-Length")));
            asked.add(new Asked(
                    head.split(" ", 3)[1], JSON.readTree(new String(body, UTF_8)), header(head, "Authorization")));
            arrivals.release();
            script.answer(new Exchange(connection, in));
        } catch (IOException e) {
            // The client has gone, or the script broke the connection off: each ends the exchange.
        } finally {
            open.remove(connection);
        }
    }

    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("no request");
            }
            head.write(next);
        }
        return head.toString(ISO_8859_1);
    }

    private static String header(String head, String name) {
        return head.lines()
                .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst()
                .orElse("");
    }

    /** One request, being answered. */
    public final class Exchange {
        private final Socket connection;
        private final InputStream in;
        private final OutputStream out;

        private Exchange(Socket connection, InputStream in) throws IOException {
            this.connection = connection;
            this.in = in;
            this.out = connection.getOutputStream();
        }

        /** The head of an answer; chunks follow. */
        public void head(int status, Map<String, String> headers) throws IOException {
            StringBuilder head = new StringBuilder("HTTP/1.1 " + status
                    + " Told\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nContent-Type: "
                    + (status == 200 ? "text/event-stream" : "application/json") + "\r\n");
            headers.forEach((name, value) ->
                    head.append(name).append(": ").append(value).append("\r\n"));
            raw(head.append("\r\n").toString());
        }

        public void stream() throws IOException {
            head(200, Map.of());
        }

        public void chunk(String text) throws IOException {
            if (!text.isEmpty()) {
                raw(Integer.toHexString(text.getBytes(UTF_8).length) + "\r\n" + text + "\r\n");
            }
        }

        public void event(String data) throws IOException {
            chunk("data: " + data + "\n\n");
        }

        public void piece(String text) throws IOException {
            event(part(JSON.createObjectNode().put("content", text), null));
        }

        public void finish(String reason) throws IOException {
            event(part(JSON.createObjectNode(), reason));
        }

        public void usage(int prompt, int completion) throws IOException {
            ObjectNode part = frame();
            part.putArray("choices");
            part.putObject("usage")
                    .put("prompt_tokens", prompt)
                    .put("completion_tokens", completion)
                    .put("total_tokens", prompt + completion);
            event(part.toString());
        }

        private String part(ObjectNode delta, @Nullable String reason) {
            ObjectNode part = frame();
            ObjectNode choice = part.putArray("choices").addObject().put("index", 0);
            choice.set("delta", delta);
            choice.put("finish_reason", reason);
            return part.toString();
        }

        private ObjectNode frame() {
            return JSON.createObjectNode()
                    .put("id", "c1")
                    .put("object", "chat.completion.chunk")
                    .put("created", 1)
                    .put("model", "test-model");
        }

        /** The end of the body. */
        public void end() throws IOException {
            raw("0\r\n\r\n");
        }

        public void raw(String text) throws IOException {
            out.write(text.getBytes(UTF_8));
            out.flush();
        }

        /** Breaks the connection off without a farewell. */
        public void reset() throws IOException {
            connection.setSoLinger(true, 0);
            connection.close();
        }

        /** Some milliseconds; false as soon as the client has broken the connection off. */
        public boolean waitALittle() throws IOException {
            connection.setSoTimeout(20);
            try {
                return in.read() >= 0;
            } catch (SocketTimeoutException e) {
                return true; // it is there, and listens
            } catch (IOException e) {
                return false; // a reset is an end too
            }
        }

        /** Is silent until the client breaks the connection off. */
        public void stall() {
            try {
                while (in.read() >= 0) {
                    // whatever it sends is of no interest
                }
            } catch (IOException e) {
                // a reset is an end too
            }
            hangUps.release();
        }
    }

    @Override
    public void close() {
        try {
            listening.close();
            for (Socket connection : open) {
                connection.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
