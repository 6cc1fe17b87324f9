package io.penstock.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.run.RunsTopology;
import io.penstock.schema.Run;
import io.penstock.schema.RunState;
import jakarta.ws.rs.core.Response;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Follows a run for one client: an event whenever the run has changed, with the whole of it, so that a client misses nothing that
 * it was away for. The id of an event stands for the state of the run, and is the same on every instance.
 *
 * <p>Threading: has a virtual thread of its own, which an interrupt ends.
 */
final class RunStream implements Runnable {
    private static final Duration LOOK = Duration.ofSeconds(10);
    /** So that a fast run does not make an event for each of its items. */
    private static final Duration PAUSE = Duration.ofMillis(200);

    private final Services services;
    private final EventStream stream;
    private final String runId;
    private final CompletableFuture<Response> response;
    private @Nullable String last;

    /**
     * @param last the id of the last event that the client has; null for none
     * @param response completed with the stream, or with a problem
     */
    RunStream(
            Services services,
            EventStream stream,
            String runId,
            @Nullable String last,
            CompletableFuture<Response> response) {
        this.services = services;
        this.stream = stream;
        this.runId = runId;
        this.last = last;
        this.response = response;
    }

    @Override
    public void run() {
        try {
            Run run = RunsResource.find(services, runId);
            response.complete(Response.ok(stream, EventStream.MEDIA_TYPE).build());
            while (!tell(run) && !services.isStopping()) {
                Thread.sleep(PAUSE);
                run = changed().orElse(run);
            }
        } catch (PenstockException e) {
            response.completeExceptionally(e); // later than the first look, only the stream ends, which may be resumed
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the client has gone
        } finally {
            stream.end();
        }
    }

    /** Whether that was the end. */
    private boolean tell(Run run) {
        String id = id(run);
        boolean over = run.getState() != RunState.RUNNING;
        if (over || !id.equals(last)) {
            stream.event(over ? "end" : "progress", id, RunJson.of(run, Instant.now()));
            last = id;
        }
        return over;
    }

    /** Empty when it has not changed for a while, or the store is moving just now. */
    private Optional<Run> changed() throws InterruptedException {
        try {
            return services.stores()
                    .await(RunsTopology.RUNS, runId, run -> !id((Run) run).equals(last), LOOK)
                    .map(Run.class::cast);
        } catch (PenstockException e) {
            if (e.code() == ErrorCode.NOT_READY) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static String id(Run run) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest(RunJson.of(run).toString().getBytes(UTF_8));
            return HexFormat.of().formatHex(Arrays.copyOf(hash, 8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }
}
