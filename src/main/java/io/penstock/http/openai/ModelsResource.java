package io.penstock.http.openai;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.catalog.CatalogView;
import io.penstock.embedding.EmbeddingModel;
import io.penstock.error.ErrorCode;
import io.penstock.http.Services;
import io.penstock.schema.CatalogEntry;
import io.penstock.schema.CatalogState;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;

/** What can be named as a model: the chat as a whole, each topic and segment of it, and the embedding model. */
@Path("/v1/models")
@Produces(MediaType.APPLICATION_JSON)
public class ModelsResource {
    private final Services services;

    public ModelsResource(Services services) {
        this.services = services;
    }

    @GET
    public ObjectNode list() {
        CatalogView catalog = services.catalog();
        ObjectNode answer = JsonNodeFactory.instance.objectNode().put("object", "list");
        ArrayNode models = answer.putArray("data");
        models.add(model(ChatModel.EVERYTHING, Instant.EPOCH));
        for (CatalogEntry topic : active(catalog.topics())) {
            models.add(model(ChatModel.of(topic.getTopic()), topic.getCreatedAt()));
            for (CatalogEntry segment : active(catalog.segments(topic.getTopic()))) {
                models.add(model(
                        ChatModel.of(topic.getTopic(), String.valueOf(segment.getSegment())), segment.getCreatedAt()));
            }
        }
        services.embeddings()
                .model()
                .map(EmbeddingModel::name)
                .ifPresent(name -> models.add(model(name, Instant.EPOCH)));
        return answer;
    }

    @GET
    @Path("/{model: .+}")
    public ObjectNode one(@PathParam("model") String name) {
        for (var model : list().path("data")) {
            if (model.path("id").asText().equals(name)) {
                return (ObjectNode) model;
            }
        }
        throw new InvalidParameter(
                ErrorCode.MODEL_UNKNOWN,
                "There is no model '" + name + "'. GET /v1/models lists what there is.",
                "model");
    }

    private static List<CatalogEntry> active(List<CatalogEntry> entries) {
        return entries.stream()
                .filter(entry -> entry.getState() == CatalogState.ACTIVE)
                .toList();
    }

    /** @param created the epoch where nobody knows */
    private static ObjectNode model(String name, Instant created) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", name)
                .put("object", "model")
                .put("created", created.getEpochSecond())
                .put("owned_by", "penstock");
    }
}
