package io.penstock.capture;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** A server on this machine that writes what a test tells it to, whether that is HTTP or not. One request for each connection. */
public final class RawServer implements AutoCloseable {
    private final ServerSocket server;
    private final Script script;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final List<String> requests = new CopyOnWriteArrayList<>();

    /** What is written after a request was read. */
    @FunctionalInterface
    public interface Script {
        void answer(String request, OutputStream out) throws IOException, InterruptedException;
    }

    public RawServer(Script script) throws IOException {
        this.script = script;
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        threads.execute(this::accept);
    }

    /** Thrown by a script to have the connection reset. */
    public static final class ResetException extends IOException {
        public ResetException() {
            super("reset on purpose");
        }
    }

    /** One that answers each request well. */
    static RawServer answering(String text) throws IOException {
        return new RawServer((_, out) -> out.write(ok("Content-Type: text/plain", text.getBytes(ISO_8859_1))));
    }

    public static byte[] ok(String header, byte[] body) {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        answer.writeBytes(("HTTP/1.1 200 OK\r\n" + header + "\r\nConnection: close\r\nContent-Length: " + body.length
                        + "\r\n\r\n")
                .getBytes(ISO_8859_1));
        answer.writeBytes(body);
        return answer.toByteArray();
    }

    public static byte[] redirect(int status, String target) {
        return ("HTTP/1.1 " + status + " There\r\nLocation: " + target
                        + "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
                .getBytes(ISO_8859_1);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                threads.execute(() -> serve(socket));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            String request = read(socket.getInputStream());
            requests.add(request);
            answer(request, socket);
        } catch (IOException e) {
            // The other side has had enough.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void answer(String request, Socket socket) throws IOException, InterruptedException {
        try {
            script.answer(request, socket.getOutputStream());
        } catch (ResetException e) {
            socket.setSoLinger(true, 0); // which makes of the end a reset
        }
    }

    private static String read(InputStream in) throws IOException {
        StringBuilder request = new StringBuilder();
        while (request.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                return request.toString();
            }
            request.append((char) next);
        }
        String lower = request.toString().toLowerCase(Locale.ROOT);
        int length = lower.indexOf("\r\ncontent-length: ");
        if (length >= 0) {
            int from = length + "\r\ncontent-length: ".length();
            byte[] body = in.readNBytes(Integer.parseInt(lower.substring(from, lower.indexOf('\r', from))));
            request.append(new String(body, ISO_8859_1));
        }
        return request.toString();
    }

    /** Waits for so long; whether the server is still open. */
    public boolean pause(int millis) throws InterruptedException {
        return !closed.await(millis, TimeUnit.MILLISECONDS);
    }

    /** Head and body of each request, as they came. */
    public List<String> requests() {
        return requests;
    }

    int port() {
        return server.getLocalPort();
    }

    /** Host and port. */
    public String authority() {
        return "127.0.0.1:" + port();
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        server.close();
        threads.shutdownNow();
    }
}
