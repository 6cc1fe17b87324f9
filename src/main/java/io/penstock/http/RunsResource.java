package io.penstock.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.gateway.RunGateway;
import io.penstock.run.RunsTopology;
import io.penstock.schema.Run;
import io.penstock.schema.RunState;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** How far runs have come, and orders to them. */
@Path("/api/runs")
@Produces(MediaType.APPLICATION_JSON)
public class RunsResource {
    private static final int MAX_WAIT_SECONDS = 300;
    private static final int MAX_WAITING = 64;
    private static final int MAX_FOLLOWING = 64;
    private static final int MOST_LEFT_OUT = 100;
    private static final Duration UNTIL_SEEN = Duration.ofSeconds(10);

    private final Services services;
    private final BoundedCalls waiting =
            new BoundedCalls(MAX_WAITING, "Too many calls wait for runs; try again, or ask without 'wait'.");
    private final Semaphore following = new Semaphore(MAX_FOLLOWING);

    public RunsResource(Services services) {
        this.services = services;
    }

    /** The newest first. */
    @GET
    public ObjectNode list(
            @QueryParam("alert_id") @Nullable String alertId,
            @QueryParam("limit") @Nullable String limit,
            @QueryParam("after") @Nullable String after,
            @QueryParam("wait") @Nullable String wait)
            throws InterruptedException {
        long deadline = System.nanoTime() + patience(wait).toNanos();
        RunList.Page page = new RunList(services.stores()).page(alertId, Pages.limit(limit), after);
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode runs = answer.putArray("runs");
        for (Run run : page.runs()) {
            Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
            runs.add(json(wait == null ? run : ended(run, left)));
        }
        return answer.put("next", page.next());
    }

    @GET
    @Path("/{id}")
    public ObjectNode one(@PathParam("id") String id, @QueryParam("wait") @Nullable String wait)
            throws InterruptedException {
        Duration patience = patience(wait);
        Run run = find(services, id);
        return json(wait == null ? run : ended(run, patience));
    }

    private static Duration patience(@Nullable String wait) {
        return wait == null ? Duration.ZERO : Duration.ofSeconds(Pages.number("wait", wait, 0, MAX_WAIT_SECONDS));
    }

    /** The run when it has ended, or as it is when the time is over. */
    private Run ended(Run run, Duration patience) throws InterruptedException {
        return run.getState() == RunState.RUNNING
                ? waitFor(run.getRunId(), patience).orElse(run)
                : run;
    }

    private Optional<Run> waitFor(String id, Duration patience) throws InterruptedException {
        return waiting.run(() -> services.stores()
                .await(RunsTopology.RUNS, id, now -> ((Run) now).getState() != RunState.RUNNING, patience)
                .map(Run.class::cast));
    }

    /** Tells of a run until it has ended. */
    @GET
    @Path("/{id}/events")
    @Produces({MediaType.SERVER_SENT_EVENTS, MediaType.APPLICATION_JSON})
    public CompletionStage<Response> events(@Context RoutingContext call, @PathParam("id") String id) {
        if (!EventStream.isAccepted(call.request().getHeader("Accept"))) {
            throw new PenstockException(
                    ErrorCode.MEDIA_TYPE_NOT_ACCEPTABLE,
                    "What a run goes through is events: accept text/event-stream.");
        }
        if (call.request().method().equals(HttpMethod.HEAD)) {
            return CompletableFuture.completedFuture(
                    Response.ok().type(EventStream.MEDIA_TYPE).build());
        }
        if (!following.tryAcquire()) {
            throw new PenstockException(
                    ErrorCode.BUSY, "Too many calls follow runs; try again, or ask without events.");
        }
        CompletableFuture<Response> response = new CompletableFuture<>();
        EventStream stream = new EventStream(call, EventStream.HEARTBEAT);
        RunStream follower = new RunStream(services, stream, id, call.request().getHeader("Last-Event-ID"), response);
        Thread thread = Thread.ofVirtual().name("run-events").start(() -> {
            try {
                follower.run();
            } finally {
                following.release();
            }
        });
        stream.onGone(thread::interrupt);
        var _ = response.whenComplete((_, _) -> {
            if (response.isCancelled()) {
                thread.interrupt();
            }
        });
        return response;
    }

    /** Captures nothing more for a run; what was captured goes on to the index. */
    @POST
    @Path("/{id}/cancel")
    @Consumes(MediaType.WILDCARD)
    public Response cancel(@PathParam("id") String id) throws InterruptedException {
        Run run = find(services, id);
        if (run.getState() != RunState.RUNNING) {
            return Response.ok(json(run)).build();
        }
        if (!run.getCancelRequested()) {
            services.runGateway().cancel(run);
            run = services.stores()
                    .await(RunsTopology.RUNS, id, now -> ((Run) now).getCancelRequested(), UNTIL_SEEN)
                    .map(Run.class::cast)
                    .orElse(run);
        }
        return Response.accepted(json(run)).build();
    }

    /** Sets off a run that has exactly the items that have failed. */
    @POST
    @Path("/{id}/retry")
    @Consumes(MediaType.WILDCARD)
    public Response retry(@PathParam("id") String id, @HeaderParam("Idempotency-Key") @Nullable String idempotencyKey)
            throws InterruptedException {
        String alertId = CollectResource.alertId(idempotencyKey)
                .orElseGet(() -> UUID.randomUUID().toString());
        RunGateway.Retry retry = services.runGateway().retry(find(services, id), alertId);
        var _ = services.stores().await(RunsTopology.RUNS, retry.runId(), seen -> true, UNTIL_SEEN);
        ObjectNode answer = JsonNodeFactory.instance
                .objectNode()
                .put("run_id", retry.runId())
                .put("alert_id", retry.alertId())
                .put("topic", retry.topic());
        ArrayNode segments = answer.putArray("segments");
        retry.segments().forEach(segments::add);
        answer.put("retry_of", id).put("tasks", retry.tasks());
        ArrayNode leftOut = answer.putArray("left_out");
        retry.leftOut().forEach((record, reason) -> {
            if (leftOut.size() < MOST_LEFT_OUT) {
                leftOut.addObject().put("record", record).put("reason", reason);
            }
        });
        answer.put("left_out_count", retry.leftOut().size());
        return Response.accepted(answer)
                .location(URI.create("/api/runs/" + retry.runId()))
                .build();
    }

    /** @throws PenstockException {@code run.unknown}, {@code not-ready} */
    static Run find(Services services, String id) {
        return services.stores()
                .get(RunsTopology.RUNS, id)
                .map(Run.class::cast)
                .orElseThrow(() -> new PenstockException(
                        ErrorCode.RUN_UNKNOWN, "There is no run '" + id + "'. GET /api/runs lists what there is."));
    }

    private static ObjectNode json(Run run) {
        return RunJson.of(run, Instant.now());
    }
}
