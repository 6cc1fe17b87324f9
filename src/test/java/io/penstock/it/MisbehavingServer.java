package io.penstock.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.capture.RawServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPOutputStream;

/**
 * A web server on this machine that answers well, badly or not at all, as the first word of a path says; and that now and then has too
 * much to do, or nobody behind it, whatever is asked for.
 */
final class MisbehavingServer implements AutoCloseable {
    /** Requests before it asks to be left alone, in seconds and by a date, and before it breaks down. */
    private static final int LIMITED_AT = 150;

    private static final int LIMITED_UNTIL_A_DATE_AT = 250;
    private static final int DOWN_AT = 350;
    private static final Duration LIMITED = Duration.ofSeconds(1);
    private static final Duration DOWN = Duration.ofMillis(2500);
    private static final Duration SLOW = Duration.ofMillis(800);
    private static final int PADDING = 10_000;
    private static final int BOMB_BYTES = 50_000_000;
    private static final byte[] BLOCK = new byte[64 * 1024];

    private final RawServer server;
    private final Duration patience;
    private final List<Long> arrivals = new CopyOnWriteArrayList<>();
    private final AtomicInteger refusals = new AtomicInteger();
    private final AtomicLong taggedBytes = new AtomicLong();
    private final byte[] bomb = zipped(new byte[BOMB_BYTES]);
    private volatile Instant limitedUntil = Instant.EPOCH;
    private volatile Instant downUntil = Instant.EPOCH;

    /** @param patience how long an answer to {@code /patient-...} takes */
    MisbehavingServer(Duration patience) throws IOException {
        this.patience = patience;
        RawServer[] self = new RawServer[1];
        server = new RawServer((request, out) -> answer(self[0], request, out));
        self[0] = server;
    }

    private void answer(RawServer self, String request, OutputStream out) throws IOException, InterruptedException {
        String item = request.split(" ", 3)[1].substring(1);
        String kind = item.substring(0, item.indexOf('-'));
        String text = "The notice of " + item + " says that the café at the quay opens when the ferry has landed.";
        if (kind.equals("tagged")) {
            send(out, tagged(item, text, request));
        } else if (kind.equals("patient")) {
            if (self.pause((int) patience.toMillis())) {
                out.write(page("text/plain; charset=utf-8", text.getBytes(UTF_8)));
            }
        } else if (!hasBadTime(kind, out)) {
            behave(self, kind, text, out);
        }
    }

    /** A page that hardly anything of is text, unless the client has it. */
    private static byte[] tagged(String item, String text, String request) {
        String tag = "\"" + item + "\"";
        if (request.contains("If-None-Match: " + tag)) {
            return status("304 Not Modified", "ETag: " + tag + "\r\n");
        }
        String page = "<html><!--" + "-".repeat(PADDING) + "--><body><p>" + text + "</p></body></html>";
        return page("text/html; charset=utf-8\r\nETag: " + tag, page.getBytes(UTF_8));
    }

    private void send(OutputStream out, byte[] answer) throws IOException {
        taggedBytes.addAndGet(answer.length);
        out.write(answer);
    }

    /** Whether the server as a whole is not well; then that is the answer. */
    private synchronized boolean hasBadTime(String kind, OutputStream out) throws IOException {
        Instant now = Instant.now();
        arrivals.add(System.nanoTime());
        int request = arrivals.size();
        if (request == LIMITED_AT || request == LIMITED_UNTIL_A_DATE_AT) {
            limitedUntil = now.plus(LIMITED);
        }
        if (request == DOWN_AT) {
            downUntil = now.plus(DOWN);
        }
        if (kind.equals("reset")) {
            return false; // else the last attempt might end differently from those before
        }
        if (now.isBefore(downUntil)) {
            refusals.incrementAndGet();
            out.write(status("503 Down", ""));
            return true;
        }
        if (now.isBefore(limitedUntil)) {
            refusals.incrementAndGet();
            String wait = request < LIMITED_UNTIL_A_DATE_AT
                    ? "1"
                    : DateTimeFormatter.RFC_1123_DATE_TIME.format(
                            now.plusSeconds(2).atOffset(ZoneOffset.UTC));
            out.write(status("429 Slowly", "Retry-After: " + wait + "\r\n"));
            return true;
        }
        return false;
    }

    private void behave(RawServer self, String kind, String text, OutputStream out)
            throws IOException, InterruptedException {
        String plain = "text/plain; charset=utf-8";
        switch (kind) {
            case "good" -> out.write(page(plain, text.getBytes(UTF_8)));
            case "slow" -> {
                if (self.pause((int) SLOW.toMillis())) {
                    out.write(page(plain, text.getBytes(UTF_8)));
                }
            }
            case "zipped" -> out.write(page(plain + "\r\nContent-Encoding: gzip", zipped(text.getBytes(UTF_8))));
            case "charset" -> out.write(page(plain, text.getBytes(Charset.forName("windows-1252"))));
            case "json" -> out.write(page("application/json", ("{\"text\": \"" + text).getBytes(UTF_8)));
            case "endless" -> {
                out.write("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"
                        .getBytes(ISO_8859_1));
                while (true) {
                    out.write(BLOCK); // ends when the other side hangs up
                }
            }
            case "bomb" -> out.write(page(plain + "\r\nContent-Encoding: gzip", bomb));
            case "metadata" -> out.write(RawServer.redirect(302, "http://169.254.169.254/latest/meta-data/"));
            case "reset" -> throw new RawServer.ResetException();
            default -> out.write(status("404 Not Found", ""));
        }
    }

    private static byte[] page(String type, byte[] body) {
        return RawServer.ok("Content-Type: " + type, body);
    }

    private static byte[] status(String status, String headers) {
        return ("HTTP/1.1 " + status + "\r\n" + headers + "Connection: close\r\nContent-Length: 0\r\n\r\n")
                .getBytes(ISO_8859_1);
    }

    private static byte[] zipped(byte[] content) throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
            out.write(content);
        }
        return zipped.toByteArray();
    }

    /** Host and port. */
    String authority() {
        return server.authority();
    }

    /** When requests arrived, but for patient ones; nanoseconds of the JVM's clock. */
    List<Long> arrivals() {
        return List.copyOf(arrivals);
    }

    /** Bytes sent for tagged items since this was asked last, heads included. */
    long takeTaggedBytes() {
        return taggedBytes.getAndSet(0);
    }

    /** Answers 429 and 503. */
    int refusals() {
        return refusals.get();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
