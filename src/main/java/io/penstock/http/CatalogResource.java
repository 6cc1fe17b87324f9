package io.penstock.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.gateway.CatalogGateway.Outcome;
import io.penstock.schema.CatalogEntry;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Creates, deletes and lists topics and segments; two of the three requests of the original system. */
@Path("/api")
@Produces(MediaType.APPLICATION_JSON)
@Consumes({MediaType.APPLICATION_JSON, MediaType.WILDCARD})
public class CatalogResource {
    private final Services services;

    public CatalogResource(Services services) {
        this.services = services;
    }

    @POST
    @Path("/topic")
    public Response topic(@Context RoutingContext call, byte @Nullable [] body) throws InterruptedException {
        JsonNode order = OriginalBodies.object(services.key(), call, body);
        String topic = Bodies.requiredText(order, "topic");
        return answer(
                switch (OriginalBodies.action(order, "topic_action")) {
                    case CREATE -> services.catalogGateway().createTopic(topic);
                    case DELETE -> services.catalogGateway().deleteTopic(topic);
                },
                topic,
                null);
    }

    @POST
    @Path("/segment")
    public Response segment(@Context RoutingContext call, byte @Nullable [] body) throws InterruptedException {
        JsonNode order = OriginalBodies.object(services.key(), call, body);
        String topic = Bodies.requiredText(order, "topic");
        String segment = Bodies.requiredText(order, "segment");
        return answer(
                switch (OriginalBodies.action(order, "segment_action")) {
                    case CREATE -> services.catalogGateway().createSegment(topic, segment);
                    case DELETE -> services.catalogGateway().deleteSegment(topic, segment);
                },
                topic,
                segment);
    }

    private static Response answer(Outcome outcome, String topic, @Nullable String segment) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        answer.put("topic", topic);
        if (segment != null) {
            answer.put("segment", segment);
        }
        answer.put("outcome", outcome.name().toLowerCase(Locale.ROOT));
        int status = switch (outcome) {
            case CREATED -> 201;
            case EXISTED, DELETED -> 200;
            case DELETING -> 202;
        };
        return Response.status(status).entity(answer).build();
    }

    @GET
    @Path("/catalog")
    public ObjectNode catalog(
            @QueryParam("limit") @Nullable String limit, @QueryParam("after") @Nullable String after) {
        List<CatalogEntry> topics = services.catalog().topics();
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        Pages.fill(answer, "topics", topics, CatalogEntry::getTopic, this::topic, limit, after);
        return answer.put("topic_count", topics.size());
    }

    private ObjectNode topic(CatalogEntry topic) {
        ObjectNode node = describe(JsonNodeFactory.instance.objectNode(), topic).put("topic", topic.getTopic());
        ArrayNode segments = node.putArray("segments");
        for (CatalogEntry segment : services.catalog().segments(topic.getTopic())) {
            String name = String.valueOf(segment.getSegment());
            describe(segments.addObject(), segment)
                    .put("segment", name)
                    .put(
                            "processors",
                            services.processors()
                                    .serving(topic.getTopic(), name)
                                    .size());
        }
        return node.put("segment_count", segments.size());
    }

    private static ObjectNode describe(ObjectNode node, CatalogEntry entry) {
        return node.put("state", entry.getState().name())
                .put("incarnation", entry.getIncarnation())
                .put("created_at", entry.getCreatedAt().toString());
    }
}
