package io.penstock.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.query.StoreQueries;
import io.penstock.run.RunsTopology;
import io.penstock.schema.Run;
import io.penstock.schema.RunState;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** How far runs have come. */
@Path("/api/runs")
@Produces(MediaType.APPLICATION_JSON)
public class RunsResource {
    private static final int MAX_WAIT_SECONDS = 300;
    private static final int MAX_WAITING = 64;

    private final Services services;
    private final Semaphore waiting = new Semaphore(MAX_WAITING);

    public RunsResource(Services services) {
        this.services = services;
    }

    @GET
    public ObjectNode list(
            @QueryParam("alert_id") @Nullable String alertId,
            @QueryParam("limit") @Nullable String limit,
            @QueryParam("after") @Nullable String after) {
        List<Run> found = new ArrayList<>();
        int wanted = Pages.limit(limit);
        int read = alertId == null ? wanted : Math.max(wanted, FILTERED_PAGE);
        String from = after;
        // A filter may leave little of a page; go on until there is one more than wanted, or the store is read.
        while (found.size() <= wanted) {
            StoreQueries.Page page =
                    services.stores().page(RunsTopology.RUNS, new StoreQueries.Range(null, null, null, from, read));
            for (StoreQueries.Entry entry : page.entries()) {
                Run run = (Run) entry.value();
                if (alertId == null || alertId.equals(run.getAlertId())) {
                    found.add(run);
                }
            }
            from = page.next();
            if (from == null) {
                break;
            }
        }
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode runs = answer.putArray("runs");
        found.stream().limit(wanted).forEach(run -> runs.add(json(run)));
        return answer.put("next", found.size() > wanted ? found.get(wanted - 1).getRunId() : null);
    }

    /** How many runs are read at once when most of them may not be wanted. */
    private static final int FILTERED_PAGE = 500;

    @GET
    @Path("/{id}")
    public ObjectNode one(@PathParam("id") String id, @QueryParam("wait") @Nullable String wait)
            throws InterruptedException {
        Duration patience =
                wait == null ? Duration.ZERO : Duration.ofSeconds(Pages.number("wait", wait, 0, MAX_WAIT_SECONDS));
        Run run = find(id).orElseThrow(() -> new PenstockException(
                ErrorCode.RUN_UNKNOWN, "There is no run '" + id + "'. GET /api/runs lists what there is."));
        if (wait != null && run.getState() == RunState.RUNNING) {
            run = waitFor(id, patience).orElse(run);
        }
        return json(run);
    }

    /** Each call that waits keeps a thread, and others need some too. */
    private Optional<Run> waitFor(String id, Duration patience) throws InterruptedException {
        if (!waiting.tryAcquire()) {
            throw new PenstockException(
                    ErrorCode.BUSY, "Too many calls wait for runs; try again, or ask without 'wait'.");
        }
        try {
            return services.stores()
                    .await(RunsTopology.RUNS, id, now -> ((Run) now).getState() != RunState.RUNNING, patience)
                    .map(Run.class::cast);
        } finally {
            waiting.release();
        }
    }

    private Optional<Run> find(String id) {
        return services.stores().get(RunsTopology.RUNS, id).map(Run.class::cast);
    }

    static ObjectNode json(Run run) {
        ObjectNode node = JsonNodeFactory.instance
                .objectNode()
                .put("run_id", run.getRunId())
                .put("alert_id", run.getAlertId())
                .put("topic", run.getTopic());
        ArrayNode segments = node.putArray("segments");
        run.getSegments().forEach(segments::add);
        node.put("state", run.getState().name())
                .put("started_at", run.getStartedAt().toString())
                .put(
                        "finished_at",
                        run.getFinishedAt() == null ? null : run.getFinishedAt().toString());
        if (run.getCode() != null) {
            node.put("code", run.getCode());
        }
        node.putObject("counts")
                .put(
                        "tasks",
                        run.getMatched().values().stream()
                                .mapToInt(Integer::intValue)
                                .sum())
                .put("captured", run.getCaptured())
                .put("unchanged", run.getUnchanged())
                .put("enriched", run.getEnriched())
                .put("rejected", run.getRejected())
                .put("indexed", run.getIndexed())
                .put("failed", run.getFailed());
        ArrayNode failures = node.putArray("failures");
        run.getFailures()
                .forEach(failure -> failures.addObject()
                        .put("code", failure.getCode())
                        .put("count", failure.getCount())
                        .put("sample", failure.getSample()));
        return node;
    }
}
