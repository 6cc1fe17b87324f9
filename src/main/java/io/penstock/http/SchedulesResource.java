package io.penstock.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.query.StoreQueries;
import io.penstock.run.RunsTopology;
import io.penstock.schedule.ScheduleTopology;
import io.penstock.schema.ScheduleMark;
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
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is collected by itself: when it ran last and when it runs next. */
@Path("/api/schedules")
@Produces(MediaType.APPLICATION_JSON)
@Consumes({MediaType.APPLICATION_JSON, MediaType.WILDCARD})
public class SchedulesResource {
    private static final Set<String> FIELDS =
            Set.of("schedule", "time_zone", "jitter", "enabled", "targets", "topic", "segment", "segment_targets");

    private final Services services;

    public SchedulesResource(Services services) {
        this.services = services;
    }

    @GET
    public ObjectNode list(@QueryParam("limit") @Nullable String limit, @QueryParam("after") @Nullable String after) {
        StoreQueries.Page page = services.stores()
                .page(ScheduleTopology.SCHEDULE, new StoreQueries.Range(null, null, null, after, Pages.limit(limit)));
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode schedules = answer.putArray("schedules");
        ScheduleJson json = json(page.entries().stream()
                .map(entry -> (ScheduleMark) entry.value())
                .toList());
        page.entries().forEach(entry -> schedules.add(json.of(entry.key(), (ScheduleMark) entry.value())));
        return answer.put("next", page.next());
    }

    @GET
    @Path("/{id: .+}")
    public ObjectNode one(@PathParam("id") String id) {
        return json(id, services.scheduleGateway().find(id).orElseThrow(() -> unknown(id)));
    }

    @PUT
    @Path("/{id: .+}")
    public Response put(@PathParam("id") String id, byte @Nullable [] body) throws InterruptedException {
        JsonNode change = Bodies.object(body);
        Bodies.refuseOthers(change, FIELDS);
        boolean existed = services.scheduleGateway().find(id).isPresent();
        ScheduleMark stored = services.scheduleGateway().put(id, change);
        return Response.status(existed ? 200 : 201).entity(json(id, stored)).build();
    }

    @DELETE
    @Path("/{id: .+}")
    public Response delete(@PathParam("id") String id) throws InterruptedException {
        if (services.scheduleGateway().find(id).isEmpty()) {
            throw unknown(id);
        }
        services.scheduleGateway().delete(id);
        return Response.noContent().build();
    }

    private static PenstockException unknown(String id) {
        return new PenstockException(
                ErrorCode.SCHEDULE_UNKNOWN, "There is no schedule '" + id + "'. GET /api/schedules lists them.");
    }

    private ObjectNode json(String id, ScheduleMark mark) {
        return json(List.of(mark)).of(id, mark);
    }

    private ScheduleJson json(List<ScheduleMark> marks) {
        return new ScheduleJson(
                services.catalog(),
                existing(marks.stream().flatMap(ScheduleJson::runIds).toList()));
    }

    /** While runs cannot be looked up, they may be there all the same. */
    private Set<String> existing(List<String> runIds) {
        try {
            return services.stores().getAll(RunsTopology.RUNS, runIds).keySet();
        } catch (PenstockException e) {
            if (e.code() == ErrorCode.NOT_READY) {
                return Set.copyOf(runIds);
            }
            throw e;
        }
    }
}
