package io.penstock.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.vector.IndexAnswers;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/**
 * What one instance asks another. Never open, not part of the API, and free to change with each version. Each call is answered
 * from what is here alone, but for the search on behalf of an instance that has no model, which asks the shards of others; those
 * ask nobody.
 */
@Path("/internal")
@Produces(MediaType.APPLICATION_JSON)
@Consumes({MediaType.APPLICATION_JSON, MediaType.WILDCARD})
public class InternalResource {
    private final Services services;

    public InternalResource(Services services) {
        this.services = services;
    }

    @POST
    @Path("/stores/get")
    @Operation(hidden = true)
    public ObjectNode get(byte @Nullable [] body) {
        return services.internal().stores().get(Bodies.object(body));
    }

    @POST
    @Path("/stores/page")
    @Operation(hidden = true)
    public ObjectNode page(byte @Nullable [] body) {
        return services.internal().stores().page(Bodies.object(body));
    }

    @POST
    @Path("/stores/list")
    @Operation(hidden = true)
    public ObjectNode list() {
        return services.internal().stores().list();
    }

    @POST
    @Path("/index/query")
    @Operation(hidden = true)
    public ObjectNode query(byte @Nullable [] body) {
        return index().query(Bodies.object(body));
    }

    @POST
    @Path("/index/search")
    @Operation(hidden = true)
    public JsonNode search(byte @Nullable [] body) throws InterruptedException {
        return index().search(Bodies.object(body));
    }

    @POST
    @Path("/topologies")
    @Operation(hidden = true)
    public ObjectNode topologies() {
        return TopologiesResource.here(services);
    }

    @POST
    @Path("/mirrors")
    @Operation(hidden = true)
    public ObjectNode mirrors() {
        return MirrorsResource.here(services);
    }

    @POST
    @Path("/mirrors/rebuild")
    @Operation(hidden = true)
    public ObjectNode rebuildMirror(byte @Nullable [] body) {
        return MirrorsResource.rebuildHere(
                services, Bodies.object(body).path("name").asText());
    }

    @POST
    @Path("/embeddings")
    @Operation(hidden = true)
    public ObjectNode embeddings(byte @Nullable [] body) throws InterruptedException {
        return services.internal()
                .embeddings()
                .orElseThrow(() -> new PenstockException(ErrorCode.NOT_READY, "This instance has no embedding model."))
                .answer(Bodies.object(body));
    }

    @POST
    @Path("/processors/trial")
    @Operation(hidden = true)
    public ObjectNode trial(byte @Nullable [] body) throws InterruptedException {
        return services.processorTrials().answer(Bodies.object(body));
    }

    private IndexAnswers index() {
        return services.internal()
                .index()
                .orElseThrow(() -> new PenstockException(
                        ErrorCode.SHARD_UNAVAILABLE, "This instance has no embedding model and cannot search."));
    }
}
