package io.penstock.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.catalog.Names;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.gateway.ScheduleGateway;
import io.penstock.query.AvroJson;
import io.penstock.query.StoreQueries;
import io.penstock.run.RunIds;
import io.penstock.schedule.ScheduleTopology;
import io.penstock.schema.ScheduleEntry;
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
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is collected by itself: when it ran last and when it runs next. */
@Path("/api/schedules")
@Produces(MediaType.APPLICATION_JSON)
@Consumes({MediaType.APPLICATION_JSON, MediaType.WILDCARD})
public class SchedulesResource {
    private static final AvroJson JSON = new AvroJson(false);
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
        page.entries().forEach(entry -> schedules.add(json(entry.key(), (ScheduleMark) entry.value())));
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

    static ObjectNode json(String id, ScheduleMark mark) {
        ScheduleEntry entry = mark.getEntry();
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("id", id);
        node.setAll(ScheduleGateway.json(entry));
        node.set("problems", JSON.object(entry).get("problems"));
        node.put("file", entry.getFile());
        lastRun(node, mark);
        if (mark.getNextDue() == null) {
            node.putNull("next_run");
        } else {
            node.putObject("next_run")
                    .put("due", mark.getNextDue().toString())
                    .put("fires_at", text(mark.getNextFire() == null ? mark.getNextDue() : mark.getNextFire()));
        }
        return node;
    }

    private static void lastRun(ObjectNode node, ScheduleMark mark) {
        if (mark.getLastDue() == null) {
            node.putNull("last_run");
            return;
        }
        ObjectNode last =
                node.putObject("last_run").put("due", text(mark.getLastDue())).put("fired_at", text(mark.getFiredAt()));
        ArrayNode alerts = last.putArray("alerts");
        mark.getLastAlerts().forEach((alertId, topic) -> {
            ObjectNode alert = alerts.addObject().put("alert_id", alertId).put("topic", topic);
            // An alert to every topic sets off a run for each of them; GET /api/runs?alert_id= lists those.
            alert.put("run_id", topic.equals(Names.EVERY_TOPIC) ? null : RunIds.runId(alertId, topic));
        });
    }

    private static @Nullable String text(@Nullable Instant moment) {
        return moment == null ? null : moment.toString();
    }
}
