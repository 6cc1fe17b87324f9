package io.penstock.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.query.DeadLetterQueries;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
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
                        topology, code, moment("from", from), moment("to", to), after, Pages.limit(limit)));
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode letters = answer.putArray("dead_letters");
        page.letters().forEach(letters::add);
        return answer.put("next", page.next());
    }

    /** As ISO 8601 has it, or milliseconds since 1970. */
    private static @Nullable Instant moment(String name, @Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            return text.matches("[0-9]{1,15}")
                    ? Instant.ofEpochMilli(Long.parseLong(text))
                    // An unescaped plus sign in a query is a space.
                    : OffsetDateTime.parse(text.strip().replace(' ', '+')).toInstant();
        } catch (DateTimeException e) {
            throw new PenstockException(
                    ErrorCode.PARAMETER_INVALID,
                    name + " is a moment such as 2026-01-31T08:00:00Z, or milliseconds since 1970.");
        }
    }
}
