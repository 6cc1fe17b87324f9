package io.penstock.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.query.AvroJson;
import io.penstock.schema.ProcessorEntry;
import io.penstock.schema.ProcessorState;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.jspecify.annotations.Nullable;

/** The configured processors. */
@Path("/api/processors")
@Produces(MediaType.APPLICATION_JSON)
@Consumes({MediaType.APPLICATION_JSON, MediaType.WILDCARD})
public class ProcessorsResource {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final AvroJson JSON = new AvroJson(false);

    private final Services services;

    public ProcessorsResource(Services services) {
        this.services = services;
    }

    @GET
    public ObjectNode list(@QueryParam("limit") @Nullable String limit, @QueryParam("after") @Nullable String after) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        Pages.fill(answer, "processors", services.processors().all(), ProcessorEntry::getId, this::json, limit, after);
        return answer;
    }

    @GET
    @Path("/{id}")
    public ObjectNode one(@PathParam("id") String id) {
        return json(services.processors().byId(id).orElseThrow(() -> unknown(id)));
    }

    @PUT
    @Path("/{id}")
    public Response put(
            @PathParam("id") String id,
            @QueryParam("dry_run") @Nullable String dryRun,
            @QueryParam("value") @Nullable String value,
            byte @Nullable [] body)
            throws InterruptedException {
        if (isTrue(dryRun)) {
            return Response.ok(tried(id, Bodies.object(body), value)).build();
        }
        boolean existed = services.processors().byId(id).isPresent();
        ProcessorEntry stored = services.processorGateway().put(id, Bodies.object(body));
        return Response.status(existed ? 200 : 201).entity(json(stored)).build();
    }

    /** What would be stored, and what one capture of it gives; nothing is stored. */
    private ObjectNode tried(String id, JsonNode config, @Nullable String value) throws InterruptedException {
        ObjectNode answer = JsonNodeFactory.instance.objectNode().put("dry_run", true);
        answer.set("processor", json(services.processorGateway().checked(id, config)));
        answer.setAll(services.processorTrials().run(id, config, value));
        return answer;
    }

    private static boolean isTrue(@Nullable String flag) {
        if (flag == null || flag.equals("false")) {
            return false;
        }
        if (flag.equals("true")) {
            return true;
        }
        throw new PenstockException(ErrorCode.PARAMETER_INVALID, "dry_run: This is true or false.");
    }

    @DELETE
    @Path("/{id}")
    public Response delete(@PathParam("id") String id) {
        if (services.processors().byId(id).isEmpty()) {
            throw unknown(id);
        }
        services.processorGateway().delete(id);
        return Response.noContent().build();
    }

    private static PenstockException unknown(String id) {
        return new PenstockException(
                ErrorCode.PROCESSOR_UNKNOWN, "There is no processor '" + id + "'. GET /api/processors lists them.");
    }

    /** As it was given, with its state and what is wrong. */
    private ObjectNode json(ProcessorEntry entry) {
        ObjectNode node = JsonNodeFactory.instance
                .objectNode()
                .put("id", entry.getId())
                .put("topic", entry.getTopic())
                .put("segment", entry.getSegment())
                .put("state", state(entry));
        ObjectNode stored = JSON.object(entry);
        node.set("problems", stored.get("problems"));
        node.set("warnings", stored.get("warnings"));
        node.put("entries", entry.getDataList().size());
        node.put("file", entry.getFile());
        try {
            node.set("config", MAPPER.readTree(entry.getConfig()));
        } catch (JsonProcessingException e) {
            node.put("config", entry.getConfig()); // others may write this topic too: show it as it is
        }
        return node;
    }

    private String state(ProcessorEntry entry) {
        if (entry.getState() == ProcessorState.INVALID) {
            return "INVALID";
        }
        return services.catalog().segment(entry.getTopic(), entry.getSegment()).isPresent() ? "ACTIVE" : "WAITING";
    }
}
