package io.penstock.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.gateway.CollectGateway.AcceptedRun;
import io.penstock.gateway.CollectGateway.Collection;
import io.penstock.run.RunsTopology;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Orders a collection; the third request of the original system. */
@Path("/api/collect")
@Produces(MediaType.APPLICATION_JSON)
@Consumes({MediaType.APPLICATION_JSON, MediaType.WILDCARD})
public class CollectResource {
    private static final int MAX_COLLECTIONS = 1_000;
    private static final int MAX_KEY_LENGTH = 200;
    /** Runs may be moving from one instance to another, which takes a while after a crash. */
    private static final Duration RUN_VISIBLE = Duration.ofSeconds(20);

    private final Services services;
    private final KeyedCollections keyed = new KeyedCollections();

    public CollectResource(Services services) {
        this.services = services;
    }

    @POST
    public Response collect(
            @Context RoutingContext call,
            @HeaderParam("Idempotency-Key") @Nullable String idempotencyKey,
            byte @Nullable [] body)
            throws InterruptedException {
        List<JsonNode> orders = OriginalBodies.objects(services.key(), call, body);
        if (orders.size() > MAX_COLLECTIONS) {
            throw Bodies.malformed("At most " + MAX_COLLECTIONS + " collections at once.");
        }
        List<Collection> collections = new ArrayList<>();
        for (JsonNode order : orders) {
            collections.add(
                    new Collection(Bodies.requiredText(order, "topic"), Bodies.texts(order, "segment_targets")));
        }
        Optional<String> key = alertId(idempotencyKey);
        List<AcceptedRun> runs = key.isEmpty()
                ? take(collections, key)
                : keyed.under(key.get(), collections, services.stores(), () -> take(collections, key));
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode list = answer.putArray("runs");
        for (AcceptedRun run : runs) {
            ObjectNode node = list.addObject()
                    .put("run_id", run.runId())
                    .put("alert_id", run.alertId())
                    .put("topic", run.topic());
            ArrayNode segments = node.putArray("segments");
            run.segments().forEach(segments::add);
        }
        return Response.accepted(answer)
                .location(URI.create("/api/runs/" + runs.getFirst().runId()))
                .build();
    }

    /** Whoever was told a run id may ask for it at once, so it is seen here first. */
    private List<AcceptedRun> take(List<Collection> collections, Optional<String> key) throws InterruptedException {
        List<AcceptedRun> runs = services.collectGateway().collect(collections, key, "http");
        awaitVisible(runs);
        return runs;
    }

    static Optional<String> alertId(@Nullable String idempotencyKey) {
        if (idempotencyKey == null || idempotencyKey.isBlank()) {
            return Optional.empty();
        }
        if (idempotencyKey.length() > MAX_KEY_LENGTH) {
            throw new PenstockException(
                    ErrorCode.PARAMETER_INVALID, "An Idempotency-Key has at most " + MAX_KEY_LENGTH + " characters.");
        }
        return Optional.of(idempotencyKey.strip());
    }

    /** What is published is published: a caller who is told to ask again would set off another run. */
    private void awaitVisible(List<AcceptedRun> runs) throws InterruptedException {
        long deadline = System.nanoTime() + RUN_VISIBLE.toNanos();
        for (AcceptedRun run : runs) {
            try {
                var _ = services.stores()
                        .await(
                                RunsTopology.RUNS,
                                run.runId(),
                                seen -> true,
                                Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
            } catch (PenstockException e) {
                if (e.code() != ErrorCode.NOT_READY) {
                    throw e;
                }
            }
        }
    }
}
