package io.penstock.bench;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A web server that answers every request after the same time, whatever else it has to do, and takes down when requests came and
 * answers went. Answers differ by what is asked for and by the trial, so that each is new.
 */
final class PatientServer implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 10;

    private final Vertx vertx = Vertx.vertx();
    private final HttpServer server;
    private final long delayMs;
    private volatile Trial trial = new Trial(0);

    /** Requests between two calls of {@link #begin}. */
    static final class Trial {
        private final int number;
        private long firstRequest;
        private long lastResponse;
        private int underWay;
        private int most;
        private int answered;

        private Trial(int number) {
            this.number = number;
        }

        private synchronized void came() {
            if (firstRequest == 0) {
                firstRequest = System.nanoTime();
            }
            underWay++;
            most = Math.max(most, underWay);
        }

        private synchronized void went() {
            lastResponse = System.nanoTime();
            underWay--;
            answered++;
        }

        /** From the first request to the last response. */
        synchronized double seconds() {
            return (lastResponse - firstRequest) / 1e9;
        }

        synchronized int mostAtOnce() {
            return most;
        }

        synchronized int answered() {
            return answered;
        }
    }

    PatientServer(Duration delay) throws Exception {
        delayMs = delay.toMillis();
        server = vertx.createHttpServer()
                .requestHandler(this::answer)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private void answer(HttpServerRequest request) {
        Trial current = trial;
        current.came();
        String text = "Notice " + request.path().substring(1) + ", edition " + current.number
                + ": the harbour master reports the depth at the quay and the hours of the tide.";
        vertx.setTimer(delayMs, _ -> {
            current.went();
            request.response()
                    .putHeader("Content-Type", "text/plain; charset=utf-8")
                    .end(text);
        });
    }

    /** Requests from now on belong to this one. Called by one thread. */
    Trial begin() {
        Trial next = new Trial(trial.number + 1);
        trial = next;
        return next;
    }

    /** Host and port. */
    String authority() {
        return "127.0.0.1:" + server.actualPort();
    }

    @Override
    public void close() {
        var _ = vertx.close();
    }
}
