package io.penstock.it;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A client that calls all instances all the while, and notes every answer that a client could not work with: anything but a
 * success, or a refusal that says to ask again, or a part that is given for the whole.
 */
final class RestlessClient implements AutoCloseable {
    private static final int PAUSE_MS = 20;

    private final List<Api> ports;
    private final String run;
    private final String records;
    private final Queue<String> faults = new ConcurrentLinkedQueue<>();
    private final AtomicInteger answered = new AtomicInteger();
    private final ScheduledExecutorService calls = Executors.newSingleThreadScheduledExecutor();
    private volatile String restarting = "";
    private int turn;
    private int seen;

    RestlessClient(List<Api> ports, String run, String topic, String segment) {
        this.ports = ports;
        this.run = run;
        this.records = "/api/topics/" + topic + "/segments/" + segment + "/records";
        var _ = calls.scheduleWithFixedDelay(this::call, 0, PAUSE_MS, TimeUnit.MILLISECONDS);
    }

    /** @param url of the instance that may refuse connections; empty for none */
    void restarting(String url) {
        restarting = url;
    }

    List<String> faults() {
        return List.copyOf(faults);
    }

    int answered() {
        return answered.get();
    }

    private void call() {
        Api port = ports.get(turn % ports.size());
        String path = switch (turn / ports.size() % 5) {
            case 0 -> "/api/runs/" + run;
            case 1 -> records + "?limit=1000";
            case 2 -> "/api/search?q=lighthouse";
            case 3 -> "/api/catalog";
            default -> "/api/chat";
        };
        turn++;
        try {
            check(
                    port.url() + path,
                    path.equals("/api/chat") ? port.ask("What does note 7 tell?", null) : port.get(path));
        } catch (UncheckedIOException e) {
            // It was being restarted before the call, or since.
            if (!port.url().equals(restarting)) {
                faults.add(port.url() + path + ": " + e.getCause());
            }
        } catch (RuntimeException e) {
            faults.add(port.url() + path + ": " + e);
        }
    }

    private void check(String call, Answer answer) {
        boolean retry = (answer.status() == 503 || answer.status() == 429)
                && answer.headers().firstValue("Retry-After").isPresent();
        if (answer.status() != 200 && !retry) {
            faults.add(call + ": " + answer.status() + " " + answer.body());
        }
        if (answer.status() == 200) {
            answered.incrementAndGet();
            checkWhole(call, answer.body());
        }
    }

    /** Records only grow in number: fewer than before would be those of some partitions only. */
    private void checkWhole(String call, JsonNode body) {
        if (body.has("records")) {
            int now = body.get("records").size();
            if (now < seen) {
                faults.add(call + ": " + now + " records after " + seen);
            }
            seen = now;
        }
    }

    @Override
    public void close() {
        calls.close();
    }
}
