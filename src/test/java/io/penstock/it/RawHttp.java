package io.penstock.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** HTTP byte by byte, for requests that no well-behaved client sends. One connection. */
final class RawHttp implements AutoCloseable {
    private static final int CONNECT_MS = 5_000;

    private final Socket socket = new Socket();
    private final InputStream in;

    RawHttp(String url) throws IOException {
        URI uri = URI.create(url);
        socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()), CONNECT_MS);
        socket.setTcpNoDelay(true);
        in = socket.getInputStream();
    }

    /**
     * An answer.
     *
     * @param headers by lower-case name; of several the last
     */
    record Response(int status, Map<String, String> headers, byte[] body) {
        String text() {
            return new String(body, UTF_8);
        }

        String header(String name) {
            return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
        }

        JsonNode json() {
            try {
                JsonNode node = Api.JSON.readTree(body);
                return node == null ? MissingNode.getInstance() : node;
            } catch (JsonProcessingException e) {
                return MissingNode.getInstance();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    /** The head of a request with these lines, each without its end. */
    static byte[] head(String requestLine, List<String> headers) {
        List<String> lines = new ArrayList<>(List.of(requestLine, "Host: 127.0.0.1"));
        lines.addAll(headers);
        return (String.join("\r\n", lines) + "\r\n\r\n").getBytes(UTF_8);
    }

    /** One exchange on a connection of its own. */
    static Response exchange(String url, Duration patience, String method, byte[]... parts) throws IOException {
        try (RawHttp connection = new RawHttp(url)) {
            for (byte[] part : parts) {
                if (!connection.send(part)) {
                    break; // it was refused before it was all said; the answer says why
                }
            }
            return connection.receive(patience, method.equals("HEAD"));
        }
    }

    /** False when the server has closed the connection. */
    boolean send(byte[] bytes) throws IOException {
        try {
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
            return true;
        } catch (SocketException e) {
            return false;
        }
    }

    boolean send(String text) throws IOException {
        return send(text.getBytes(UTF_8));
    }

    /**
     * The next answer; interim ones are passed over.
     *
     * @throws EOFException when the connection was closed without one
     * @throws java.net.SocketTimeoutException when nothing came in time
     */
    Response receive(Duration patience, boolean withoutBody) throws IOException {
        socket.setSoTimeout((int) patience.toMillis());
        while (true) {
            String statusLine = line();
            if (!statusLine.startsWith("HTTP/1.")) {
                throw new IOException("No HTTP: " + statusLine);
            }
            int status = Integer.parseInt(statusLine.substring(9, 12));
            Map<String, String> headers = new TreeMap<>();
            for (String line = line(); !line.isEmpty(); line = line()) {
                int colon = line.indexOf(':');
                headers.put(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
            if (status >= 200) {
                boolean none = withoutBody || status == 204 || status == 304;
                return new Response(status, headers, none ? new byte[0] : body(headers));
            }
        }
    }

    private byte[] body(Map<String, String> headers) throws IOException {
        if (headers.containsKey("content-length")) {
            int length = Integer.parseInt(headers.get("content-length"));
            byte[] body = in.readNBytes(length);
            if (body.length < length) {
                throw new EOFException("The body ends too early");
            }
            return body;
        }
        if (!headers.getOrDefault("transfer-encoding", "").equals("chunked")) {
            return in.readAllBytes();
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int size = Integer.parseInt(line(), 16); size > 0; size = Integer.parseInt(line(), 16)) {
            body.writeBytes(in.readNBytes(size));
            line();
        }
        line();
        return body.toByteArray();
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = read(); next != '\n'; next = read()) {
            if (next < 0) {
                throw new EOFException(line.size() == 0 ? "Closed without an answer" : "Closed within an answer");
            }
            if (next != '\r') {
                line.write(next);
            }
        }
        return line.toString(ISO_8859_1);
    }

    private int read() throws IOException {
        try {
            return in.read();
        } catch (SocketException e) {
            return -1; // reset
        }
    }

    /** How many bytes have come and wait to be read. */
    int available() throws IOException {
        return in.available();
    }

    /** Whether the server closes the connection in time, whatever else it says. */
    boolean isClosedWithin(Duration patience) throws IOException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (System.nanoTime() < deadline) {
            socket.setSoTimeout((int) Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
            try {
                if (in.read() < 0) {
                    return true;
                }
            } catch (java.net.SocketTimeoutException e) {
                return false;
            } catch (SocketException e) {
                return true;
            }
        }
        return false;
    }

    /** Ends the connection as one whose process is gone. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
