package io.penstock.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;

/**
 * One connection that is kept alive, over which JSON is posted; it costs the machine hardly anything beside what is measured. Used by
 * one thread.
 */
final class LeanHttp implements AutoCloseable {
    private static final int PATIENCE_MS = 60_000;
    /** Servers close connections that say nothing for longer. */
    private static final long IDLE_NANOS = Duration.ofSeconds(3).toNanos();

    private final URI server;
    private final String host;
    private final String key;
    private Connection connection;
    private long usedLast;

    private record Connection(Socket socket, InputStream in, OutputStream out) {}

    LeanHttp(URI server, String key) throws IOException {
        this.server = server;
        this.host = server.getAuthority();
        this.key = key;
        this.connection = connect();
        this.usedLast = System.nanoTime();
    }

    private Connection connect() throws IOException {
        Socket socket = new Socket(server.getHost(), server.getPort());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MS);
        return new Connection(
                socket, new BufferedInputStream(socket.getInputStream(), 16 * 1024), socket.getOutputStream());
    }

    /** @return the body of the answer, whose status was 200 */
    String post(String path, String json) throws IOException {
        return post(path, json, 200);
    }

    /** @return the body of the answer, whose status was that */
    String post(String path, String json, int expected) throws IOException {
        byte[] body = json.getBytes(UTF_8);
        byte[] head = ("POST " + path + " HTTP/1.1\r\nHost: " + host + "\r\nX-API-Key: " + key
                        + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length + "\r\n\r\n")
                .getBytes(ISO_8859_1);
        byte[] request = new byte[head.length + body.length];
        System.arraycopy(head, 0, request, 0, head.length);
        System.arraycopy(body, 0, request, head.length, body.length);
        if (System.nanoTime() - usedLast > IDLE_NANOS) {
            close();
            connection = connect();
        }
        connection.out().write(request);

        String status = line();
        int length = -1;
        boolean chunked = false;
        for (String header = line(); !header.isEmpty(); header = line()) {
            if (header.regionMatches(true, 0, "content-length:", 0, 15)) {
                length = Integer.parseInt(header.substring(15).strip());
            } else if (header.regionMatches(true, 0, "transfer-encoding:", 0, 18)) {
                chunked = header.endsWith("chunked");
            }
        }
        if (length < 0 && !chunked) {
            throw new IOException("an answer that does not say how long it is: " + status);
        }
        String answer = new String(chunked ? chunks() : connection.in().readNBytes(length), UTF_8);
        usedLast = System.nanoTime();
        if (!status.startsWith("HTTP/1.1 " + expected + " ")) {
            throw new IOException(status + ": " + answer);
        }
        return answer;
    }

    /** See RFC 9112, section 7.1. */
    private byte[] chunks() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        int size;
        do {
            size = Integer.parseInt(line(), 16);
            body.write(connection.in().readNBytes(size));
            line(); // the end of the chunk
        } while (size > 0);
        return body.toByteArray();
    }

    private String line() throws IOException {
        InputStream in = connection.in();
        StringBuilder line = new StringBuilder(64);
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("the server has closed the connection");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    @Override
    public void close() {
        try {
            connection.socket().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
