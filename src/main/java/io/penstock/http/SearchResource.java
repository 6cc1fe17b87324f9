package io.penstock.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.vector.ChunkFilter;
import io.penstock.vector.Fusion;
import io.penstock.vector.SearchHit;
import io.penstock.vector.SearchMode;
import io.penstock.vector.SearchRequest;
import io.penstock.vector.SearchResult;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds passages. */
@Path("/api/search")
@Produces(MediaType.APPLICATION_JSON)
public class SearchResource {
    private static final int DEFAULT_K = 10;
    private static final int DEFAULT_WAIT_SECONDS = 10;
    private static final int MAX_WAIT_SECONDS = 60;

    private final Services services;
    private final AwaitedRuns runs;

    public SearchResource(Services services) {
        this.services = services;
        this.runs = new AwaitedRuns(services);
    }

    @GET
    public ObjectNode search(
            @QueryParam("q") @Nullable String q,
            @QueryParam("topic") @Nullable String topic,
            @QueryParam("segment") @Nullable String segment,
            @QueryParam("k") @Nullable String k,
            @QueryParam("mode") @Nullable String mode,
            @QueryParam("fusion") @Nullable String fusion,
            @QueryParam("processor") @Nullable String processor,
            @QueryParam("item") @Nullable String item,
            @QueryParam("label") @Nullable String label,
            @QueryParam("from") @Nullable String from,
            @QueryParam("to") @Nullable String to,
            @QueryParam("run") @Nullable String run,
            @QueryParam("wait") @Nullable String wait)
            throws InterruptedException {
        if (q == null || q.isBlank()) {
            throw new PenstockException(ErrorCode.PARAMETER_INVALID, "q is missing; say what to search for.");
        }
        Scopes.require(services.patientCatalog(), topic, segment);
        int wanted = k == null ? DEFAULT_K : Pages.number("k", k, 1, SearchRequest.MAX_K);
        SearchRequest request = new SearchRequest(
                q,
                new ChunkFilter(
                        topic,
                        segment,
                        processor,
                        item,
                        null,
                        label,
                        null,
                        Pages.moment("from", from),
                        Pages.moment("to", to)),
                wanted,
                mode(mode),
                fusion(fusion),
                Map.of(),
                Duration.ZERO);
        int seconds = wait == null ? DEFAULT_WAIT_SECONDS : Pages.number("wait", wait, 0, MAX_WAIT_SECONDS);
        SearchResult result = run == null
                ? services.retriever().search(request)
                : search(
                        request,
                        run,
                        System.nanoTime() + Duration.ofSeconds(seconds).toNanos());
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode hits = answer.putArray("hits");
        result.hits().forEach(hit -> hits.add(json(hit)));
        answer.putObject("shards")
                .put("asked", result.asked())
                .put("answered", result.answered())
                .put("stale", result.stale());
        if (result.renewing() > 0) {
            answer.put("renewing", result.renewing());
        }
        return answer;
    }

    /** @param deadline of {@link System#nanoTime()}, for the run and the index together */
    private SearchResult search(SearchRequest request, String run, long deadline) throws InterruptedException {
        return runs.afterwards(
                run,
                deadline,
                position -> services.retriever()
                        .search(request.reaching(
                                position, Duration.ofNanos(Math.max(0, deadline - System.nanoTime())))));
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

    private static Fusion fusion(@Nullable String fusion) {
        return switch (fusion) {
            case null -> Fusion.WEIGHTED;
            case "weighted" -> Fusion.WEIGHTED;
            case "rank" -> Fusion.RANK;
            default ->
                throw new PenstockException(
                        ErrorCode.PARAMETER_INVALID, "fusion is weighted or rank, not '" + fusion + "'.");
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
