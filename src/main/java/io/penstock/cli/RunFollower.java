package io.penstock.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Asks how far runs have come until all are over. A run goes on whether or not it can be asked about, so nothing is heard of it for a
 * while before that is an error.
 */
final class RunFollower {
    private static final Duration SILENCE = Duration.ofMinutes(1);
    private static final Duration CALL_PATIENCE = Duration.ofSeconds(30);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final int WAIT_SECONDS = 1;

    private final Surroundings here;
    private final Address address;
    private final Deadline deadline;
    private long heardAt;
    /** Penstock lets only so many calls wait; without waiting, we pause ourselves. */
    private boolean mayWait = true;

    RunFollower(Surroundings here, Address address, Deadline deadline) {
        this.here = here;
        this.address = address;
        this.deadline = deadline;
        this.heardAt = here.time().nanos();
    }

    /**
     * Returns the runs when all are over.
     *
     * @param show is given them about once a second, and for how long nothing was heard
     */
    Collection<ObjectNode> follow(Map<String, ObjectNode> accepted, BiConsumer<Collection<ObjectNode>, Duration> show) {
        Map<String, ObjectNode> runs = new LinkedHashMap<>(accepted);
        while (true) {
            List<String> running = runs.entrySet().stream()
                    .filter(run -> !RunReport.isOver(run.getValue()))
                    .map(Map.Entry::getKey)
                    .toList();
            if (running.isEmpty()) {
                return runs.values();
            }
            if (deadline.isOver()) {
                throw deadline.failure("The run, which goes on, was not over");
            }
            for (String id : running) {
                look(id, mayWait && id.equals(running.getFirst())).ifPresent(run -> runs.put(id, run));
            }
            show.accept(runs.values(), silence());
            if (!mayWait) {
                pause();
            }
        }
    }

    private Duration silence() {
        return Duration.ofNanos(here.time().nanos() - heardAt);
    }

    private Optional<ObjectNode> look(String id, boolean waits) {
        Duration left = deadline.left();
        Calls calls =
                new Calls(address, new Deadline(here.time(), left.compareTo(CALL_PATIENCE) < 0 ? left : CALL_PATIENCE));
        try {
            ObjectNode run = calls.get("/api/runs/" + Calls.encoded(id) + (waits ? "?wait=" + WAIT_SECONDS : ""));
            heardAt = here.time().nanos();
            return Optional.of(run);
        } catch (Failure failure) {
            boolean notSeenYet = failure.code().equals("run.unknown");
            if (!(notSeenYet || failure.mayPass()) || silence().compareTo(SILENCE) > 0) {
                throw failure.because("The run " + id + " may go on, but cannot be followed.");
            }
            mayWait = mayWait && !failure.code().equals("busy");
            pause();
            return Optional.empty();
        }
    }

    private void pause() {
        try {
            Duration left = deadline.left();
            here.time().sleep(left.compareTo(PAUSE) < 0 && left.isPositive() ? left : PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
