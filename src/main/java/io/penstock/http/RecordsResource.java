package io.penstock.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.gateway.RecordGateway;
import io.penstock.query.AvroJson;
import io.penstock.query.StoreQueries;
import io.penstock.record.RecordId;
import io.penstock.schema.Inference;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The documents of a segment. */
@Path("/api/topics/{topic}/segments/{segment}/records")
@Produces(MediaType.APPLICATION_JSON)
public class RecordsResource {
    private static final String STORE = "records";
    private static final AvroJson JSON = new AvroJson(false);
    /** Each waits until the deletion has passed all stages, with a thread and a consumer. */
    private static final int MOST_DELETIONS = 8;

    private static final int PARTS_BEFORE_ITEM = 6;

    private final Services services;
    private final BoundedCalls deletions = new BoundedCalls(
            MOST_DELETIONS, MOST_DELETIONS + " records are being deleted here; try again in a moment.");

    public RecordsResource(Services services) {
        this.services = services;
    }

    @GET
    public ObjectNode list(
            @PathParam("topic") String topic,
            @PathParam("segment") String segment,
            @QueryParam("processor") @Nullable String processor,
            @QueryParam("limit") @Nullable String limit,
            @QueryParam("after") @Nullable String after) {
        Scopes.require(services.patientCatalog(), topic, segment);
        String prefix = RecordId.segmentPrefix(topic, segment) + (processor == null ? "" : processor + "/");
        StoreQueries.Page page =
                services.stores().page(STORE, new StoreQueries.Range(prefix, null, null, after, Pages.limit(limit)));
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode records = answer.putArray("records");
        page.entries().forEach(entry -> records.add(json(entry.key(), (Inference) entry.value())));
        return answer.put("next", page.next());
    }

    @GET
    @Path("/{item: .+}")
    public ObjectNode one(
            @PathParam("topic") String topic,
            @PathParam("segment") String segment,
            @Context RoutingContext call,
            @QueryParam("processor") @Nullable String processor) {
        String item = PathRest.of(call, PARTS_BEFORE_ITEM);
        return find(topic, segment, item, processor).stream()
                .max(Comparator.comparing(Found::capturedAt))
                .map(found -> json(found.id(), found.record()))
                .orElseThrow(() -> unknown(topic, segment, item, processor));
    }

    /** Removes what is known of an item; it comes back when it is collected again. */
    @DELETE
    @Path("/{item: .+}")
    public Response delete(
            @PathParam("topic") String topic,
            @PathParam("segment") String segment,
            @Context RoutingContext call,
            @QueryParam("processor") @Nullable String processor)
            throws InterruptedException {
        requireProcessorAtMost(call);
        String item = PathRest.of(call, PARTS_BEFORE_ITEM);
        List<String> ids =
                find(topic, segment, item, processor).stream().map(Found::id).toList();
        if (ids.isEmpty()) {
            throw unknown(topic, segment, item, processor);
        }
        RecordGateway.Deleted deleted =
                deletions.run(() -> services.recordGateway().delete(topic, segment, ids));
        ObjectNode answer = JsonNodeFactory.instance
                .objectNode()
                .put("topic", topic)
                .put("segment", segment)
                .put("item", item)
                .put("outcome", deleted.isDone() ? "deleted" : "deleting");
        ArrayNode records = answer.putArray("records");
        for (String id : ids) {
            records.addObject()
                    .put("id", id)
                    .put("processor", RecordId.parse(id).processor())
                    .put("chunks", deleted.chunks().get(id));
        }
        return Response.status(deleted.isDone() ? 200 : 202).entity(answer).build();
    }

    /** A parameter that is misspelt or empty would delete the records of all processors. */
    private static void requireProcessorAtMost(RoutingContext call) {
        for (String name : call.queryParams().names()) {
            if (!name.equals("processor")) {
                throw new PenstockException(
                        ErrorCode.PARAMETER_INVALID, "A record is deleted with no parameter but 'processor'.");
            }
        }
        String processor = call.queryParams().get("processor"); // the resource is given null for an empty one
        if (processor != null && processor.isBlank()) {
            throw new PenstockException(
                    ErrorCode.PARAMETER_INVALID, "processor is empty; leave it out to mean all of them.");
        }
    }

    /** The records of an item, one of each processor that made one, or of one. */
    private List<Found> find(String topic, String segment, String item, @Nullable String processor) {
        Scopes.require(services.patientCatalog(), topic, segment);
        List<String> processors = processor == null ? processorsOf(topic, segment) : List.of(processor);
        return processors.stream()
                .map(name -> new RecordId(topic, segment, name, item).toString())
                .map(id -> services.stores().get(STORE, id).map(record -> new Found(id, (Inference) record)))
                .flatMap(Optional::stream)
                .toList();
    }

    private static PenstockException unknown(String topic, String segment, String item, @Nullable String processor) {
        return new PenstockException(
                ErrorCode.KEY_UNKNOWN,
                "The segment '" + segment + "' of '" + topic + "' has no record of '" + item + "'"
                        + (processor == null ? "." : " by the processor '" + processor + "'."));
    }

    private record Found(String id, Inference record) {
        Instant capturedAt() {
            return record.getCapturedAt() == null ? Instant.EPOCH : record.getCapturedAt();
        }
    }

    /** Those that are configured, and those of others who produced records themselves. */
    private List<String> processorsOf(String topic, String segment) {
        String prefix = RecordId.segmentPrefix(topic, segment);
        List<String> found = new java.util.ArrayList<>();
        String after = null;
        while (true) {
            // One entry tells a processor's name; the next look begins behind all of its items.
            StoreQueries.Page page =
                    services.stores().page(STORE, new StoreQueries.Range(prefix, null, null, after, 1));
            if (page.entries().isEmpty()) {
                return found;
            }
            String processor = RecordId.parse(page.entries().getFirst().key()).processor();
            found.add(processor);
            after = prefix + processor + "/\uDBFF\uDFFF";
        }
    }

    private static ObjectNode json(String id, Inference record) {
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("id", id);
        node.setAll(JSON.object(record));
        node.remove("fence");
        return node;
    }
}
