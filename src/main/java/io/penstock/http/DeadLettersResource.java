package io.penstock.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.query.DeadLetterQueries;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import org.jspecify.annotations.Nullable;

/** What could not be processed, newest first. */
@Path("/api/dead-letters")
@Produces(MediaType.APPLICATION_JSON)
public class DeadLettersResource {
    private final Services services;

    public DeadLettersResource(Services services) {
        this.services = services;
    }

    @GET
    public ObjectNode list(
            @QueryParam("topology") @Nullable String topology,
            @QueryParam("code") @Nullable String code,
            @QueryParam("from") @Nullable String from,
            @QueryParam("to") @Nullable String to,
            @QueryParam("limit") @Nullable String limit,
            @QueryParam("after") @Nullable String after)
            throws InterruptedException {
        DeadLetterQueries.Page page = services.deadLetters()
                .page(new DeadLetterQueries.Wanted(
                        topology, code, Pages.moment("from", from), Pages.moment("to", to), after, Pages.limit(limit)));
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode letters = answer.putArray("dead_letters");
        page.letters().forEach(letters::add);
        return answer.put("next", page.next());
    }
}
