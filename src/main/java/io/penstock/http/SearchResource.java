package io.penstock.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.vector.SearchHit;
import io.penstock.vector.SearchMode;
import io.penstock.vector.SearchRequest;
import io.penstock.vector.SearchResult;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import org.jspecify.annotations.Nullable;

/** Finds passages. */
@Path("/api/search")
@Produces(MediaType.APPLICATION_JSON)
public class SearchResource {
    private static final int DEFAULT_K = 10;

    private final Services services;

    public SearchResource(Services services) {
        this.services = services;
    }

    @GET
    public ObjectNode search(
            @QueryParam("q") @Nullable String q,
            @QueryParam("topic") @Nullable String topic,
            @QueryParam("segment") @Nullable String segment,
            @QueryParam("k") @Nullable String k,
            @QueryParam("mode") @Nullable String mode)
            throws InterruptedException {
        if (q == null || q.isBlank()) {
            throw new PenstockException(ErrorCode.PARAMETER_INVALID, "q is missing; say what to search for.");
        }
        Scopes.require(services.patientCatalog(), topic, segment);
        int wanted = k == null ? DEFAULT_K : Pages.number("k", k, 1, SearchRequest.MAX_K);
        SearchResult result = services.retriever().search(new SearchRequest(q, topic, segment, wanted, mode(mode)));
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode hits = answer.putArray("hits");
        result.hits().forEach(hit -> hits.add(json(hit)));
        answer.putObject("shards")
                .put("asked", result.asked())
                .put("answered", result.answered())
                .put("stale", result.stale());
        return answer;
    }

    private static SearchMode mode(@Nullable String mode) {
        return switch (mode) {
            case null -> SearchMode.HYBRID;
            case "hybrid" -> SearchMode.HYBRID;
            case "dense" -> SearchMode.DENSE;
            case "lexical" -> SearchMode.LEXICAL;
            default ->
                throw new PenstockException(
                        ErrorCode.PARAMETER_INVALID, "mode is hybrid, dense or lexical, not '" + mode + "'.");
        };
    }

    private static ObjectNode json(SearchHit hit) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", hit.id())
                .put("score", hit.score())
                .put("topic", hit.topic())
                .put("segment", hit.segment())
                .put("processor", hit.processor())
                .put("item", hit.item())
                .put("label", hit.label())
                .put("uri", hit.uri())
                .put("text", hit.text())
                .put("start", hit.start())
                .put("end", hit.end());
    }
}
