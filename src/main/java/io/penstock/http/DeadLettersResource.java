package io.penstock.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.gateway.ReplayGateway;
import io.penstock.gateway.ReplayGateway.Outcome;
import io.penstock.gateway.ReplayGateway.Replayed;
import io.penstock.query.DeadLetterQueries;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What could not be processed, newest first, and another try of it. */
@Path("/api/dead-letters")
@Produces(MediaType.APPLICATION_JSON)
public class DeadLettersResource {
    private static final String PARTITION = "partition";
    private static final Set<String> PLACE = Set.of("topology", PARTITION, "offset", "dry_run");
    private static final Set<String> FILTER =
            Set.of("topology", "code", "from", "to", "source_topic", "key", "limit", "after", "dry_run");

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

    @POST
    @Path("/replay")
    @Consumes({MediaType.APPLICATION_JSON, MediaType.WILDCARD})
    public ObjectNode replay(byte @Nullable [] body) {
        JsonNode order = Bodies.object(body);
        boolean one = order.has("offset") || order.has(PARTITION);
        Bodies.refuseOthers(order, one ? PLACE : FILTER);
        String topology = Bodies.requiredText(order, "topology");
        boolean dry = isDry(order.path("dry_run"));
        if (one) {
            Replayed replayed = services.replayGateway()
                    .one(
                            topology,
                            (int) place(order, PARTITION, Integer.MAX_VALUE),
                            place(order, "offset", Long.MAX_VALUE),
                            dry);
            return json(List.of(replayed), null, dry);
        }
        ReplayGateway.Page page = services.replayGateway()
                .page(
                        new ReplayGateway.Wanted(
                                topology,
                                Bodies.text(order, "code").orElse(null),
                                Pages.moment("from", Bodies.text(order, "from").orElse(null)),
                                Pages.moment("to", Bodies.text(order, "to").orElse(null)),
                                Bodies.text(order, "source_topic").orElse(null),
                                Bodies.text(order, "key").orElse(null),
                                Bodies.text(order, "after").orElse(null),
                                limit(order)),
                        dry);
        return json(page.letters(), page.next(), dry);
    }

    private static int limit(JsonNode order) {
        int limit = Bodies.integer(order, "limit").orElse(Pages.DEFAULT_LIMIT);
        if (limit < 1 || limit > ReplayGateway.MOST_LETTERS) {
            throw Bodies.outOfRange("limit is a whole number from 1 to " + ReplayGateway.MOST_LETTERS + ".");
        }
        return limit;
    }

    /** A number, or its text, as some clients keep it. A partition that is not said is the only one there is. */
    static long place(JsonNode order, String field, long most) {
        JsonNode node = order.path(field);
        if (field.equals(PARTITION) && (node.isMissingNode() || node.isNull())) {
            return 0;
        }
        String text = node.isIntegralNumber() || node.isTextual() ? node.asText() : "";
        if (!text.matches("[0-9]{1,18}") || Long.parseLong(text) > most) {
            throw Bodies.malformed("The field '" + field + "' must be a whole number from 0.");
        }
        return Long.parseLong(text);
    }

    private static boolean isDry(JsonNode node) {
        if (!node.isMissingNode() && !node.isBoolean()) {
            throw Bodies.malformed("The field 'dry_run' must be true or false.");
        }
        return node.asBoolean();
    }

    private static ObjectNode json(List<Replayed> letters, @Nullable String next, boolean dry) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode().put("dry_run", dry);
        for (Outcome outcome : Outcome.values()) {
            answer.put(
                    name(outcome),
                    letters.stream()
                            .filter(letter -> letter.outcome() == outcome)
                            .count());
        }
        ArrayNode list = answer.putArray("letters");
        for (Replayed letter : letters) {
            ObjectNode node = list.addObject()
                    .put("partition", letter.partition())
                    .put("offset", letter.offset())
                    .put("source_topic", letter.sourceTopic())
                    .put("source_partition", letter.sourcePartition())
                    .put("outcome", name(letter.outcome()));
            if (letter.code() != null) {
                node.put("code", letter.code().code()).put("message", letter.message());
            }
        }
        return answer.put("next", next);
    }

    private static String name(Outcome outcome) {
        return outcome.name().toLowerCase(Locale.ROOT);
    }
}
