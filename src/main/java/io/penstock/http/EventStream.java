package io.penstock.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * An answer that is a stream of server-sent events. As the entity of a response it is opened once its head may be written; what is sent
 * before waits.
 *
 * <p>A client that is gone is noticed at the latest by a comment that is sent now and then. One that takes nothing is cut off when more
 * than {@value #MOST_WAITING_BYTES} bytes wait for it: it can resume where it was.
 *
 * <p>Threading: may be called from any thread; everything is done on the event loop of the connection.
 */
public final class EventStream {
    public static final String MEDIA_TYPE = "text/event-stream";
    public static final Duration HEARTBEAT = Duration.ofSeconds(15);
    private static final int MOST_WAITING_BYTES = 1024 * 1024;
    private static final String COMMENT = ":\n\n";

    private final Vertx vertx;
    private final Context context;
    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final Duration heartbeat;

    private final Queue<Buffer> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private boolean opened;
    private boolean ending;
    private boolean over;
    private boolean gone;
    private @Nullable Runnable whenGone;
    private long timer = -1;

    /** Called on the event loop of the connection. */
    public EventStream(RoutingContext call, Duration heartbeat) {
        this(call.vertx(), call.request(), heartbeat);
    }

    EventStream(Vertx vertx, HttpServerRequest request, Duration heartbeat) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.request = request;
        this.response = request.response();
        this.heartbeat = heartbeat;
    }

    /** Whether the header {@code Accept} asks for a stream rather than for JSON: whichever it values more, or names first. */
    static boolean isWanted(@Nullable String accept) {
        double json = 0;
        double stream = 0;
        boolean streamFirst = false;
        for (String range :
                accept == null ? new String[0] : accept.toLowerCase(Locale.ROOT).split(",", -1)) {
            String type = range.split(";", 2)[0].strip();
            if (type.equals(MEDIA_TYPE)) {
                stream = Math.max(stream, quality(range));
                streamFirst = json == 0;
            } else if (type.equals("application/json")) {
                json = Math.max(json, quality(range));
            }
        }
        return stream > 0 && (stream > json || (stream == json && streamFirst));
    }

    /** Whether the header {@code Accept} allows a stream where there is nothing else to be had. */
    static boolean isAccepted(@Nullable String accept) {
        return accept == null || isWanted(accept) || accept.contains("*/*") || accept.contains("text/*");
    }

    private static double quality(String range) {
        for (String parameter : range.split(";", -1)) {
            String text = parameter.strip();
            if (text.matches("q=[01](\\.[0-9]{0,3})?")) {
                return Double.parseDouble(text.substring(2));
            }
        }
        return 1;
    }

    /** What is done once when the client goes before the end; at once, if it has gone already. */
    public void onGone(Runnable task) {
        onLoop(() -> {
            whenGone = task;
            if (gone) {
                task.run();
            }
        });
    }

    /** Writes the head, and what waits. */
    void open() {
        onLoop(this::start);
    }

    /** @param id from which a client may resume; null when there is none for this event */
    void event(String name, @Nullable Object id, JsonNode data) {
        Buffer text =
                Buffer.buffer((id == null ? "" : "id: " + id + "\n") + "event: " + name + "\ndata: " + data + "\n\n");
        onLoop(() -> send(text));
    }

    /** An event without a name and an id, whose data is one line. */
    public void data(String line) {
        // The blank is optional, but there are clients that look for it.
        Buffer text = Buffer.buffer("data: " + line + "\n\n");
        onLoop(() -> send(text));
    }

    /** The stream is complete; what waits is still sent. */
    public void end() {
        onLoop(() -> {
            ending = true;
            flush();
        });
    }

    private void onLoop(Runnable task) {
        context.runOnContext(_ -> task.run());
    }

    private void start() {
        if (response.closed()) {
            clientGone();
            return;
        }
        response.closeHandler(_ -> clientGone());
        response.exceptionHandler(_ -> clientGone());
        response.drainHandler(_ -> flush());
        response.setChunked(true)
                .putHeader("Content-Type", MEDIA_TYPE + ";charset=UTF-8")
                .putHeader("Cache-Control", "no-store")
                .putHeader("X-Accel-Buffering", "no"); // proxies are to pass on what there is
        opened = true;
        if (waiting.isEmpty()) {
            var _ = response.write(COMMENT); // and the head with it
        }
        timer = vertx.setPeriodic(heartbeat.toMillis(), _ -> beat());
        flush();
    }

    private void beat() {
        if (waiting.isEmpty()) {
            send(Buffer.buffer(COMMENT));
        }
    }

    private void send(Buffer text) {
        if (over || ending) {
            return;
        }
        if (!waiting.isEmpty() && waitingBytes + text.length() > MOST_WAITING_BYTES) {
            clientGone();
            // Past what waits to be written, which would never be.
            var _ = ((ConnectionBase) request.connection()).channel().close();
            return;
        }
        waiting.add(text);
        waitingBytes += text.length();
        flush();
    }

    private void flush() {
        if (!opened || over) {
            return;
        }
        while (!response.closed() && !response.writeQueueFull()) {
            Buffer next = waiting.poll();
            if (next == null) {
                break;
            }
            waitingBytes -= next.length();
            var _ = response.write(next);
        }
        if (ending && waiting.isEmpty() && !response.closed()) {
            finish();
            var _ = response.end();
        }
    }

    private void clientGone() {
        if (!over) {
            finish();
            gone = true;
            if (whenGone != null) {
                whenGone.run();
            }
        }
    }

    private void finish() {
        over = true;
        waiting.clear();
        if (timer >= 0) {
            vertx.cancelTimer(timer);
        }
    }
}
