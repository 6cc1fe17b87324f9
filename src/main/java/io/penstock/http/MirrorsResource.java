package io.penstock.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.cluster.Cluster;
import io.penstock.cluster.PeerAnswer;
import io.penstock.cluster.PeerAnswer.Answered;
import io.penstock.cluster.PeerAnswer.Failed;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.mirror.MirrorState;
import io.penstock.mirror.MirrorStatus;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The mirrors, as the instances that write to them see them, and the order to rebuild one. */
@Path("/api/mirrors")
@Produces(MediaType.APPLICATION_JSON)
public class MirrorsResource {
    private static final String LIST = "/internal/mirrors";
    private static final String REBUILD = "/internal/mirrors/rebuild";
    private static final String MIRRORS = "mirrors";
    private static final String NAME = "name";
    private static final String STATE = "state";
    private static final String ORDERED = "ordered";
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final Services services;

    public MirrorsResource(Services services) {
        this.services = services;
    }

    @GET
    public ObjectNode list() {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode mirrors = answer.putArray(MIRRORS);
        everywhere().values().forEach(mirrors::add);
        return answer;
    }

    @POST
    @Path("/{name}/rebuild")
    public Response rebuild(@PathParam("name") String name) {
        boolean ordered = services.mirrors().rebuild(name);
        if (!ordered) {
            ObjectNode question = JsonNodeFactory.instance.objectNode().put(NAME, name);
            ordered = answers(REBUILD, question).stream()
                    .anyMatch(body -> body.path(ORDERED).booleanValue());
        }
        if (!ordered && !everywhere().containsKey(name)) {
            throw new PenstockException(
                    ErrorCode.MIRROR_UNKNOWN,
                    "There is no mirror '" + name + "'. GET /api/mirrors lists those that are turned on.");
        }
        if (!ordered) {
            throw new PenstockException(
                    ErrorCode.NOT_READY,
                    "No instance writes to the mirror '" + name + "' just now; try again in a few seconds.");
        }
        return Response.accepted(
                        JsonNodeFactory.instance.objectNode().put(NAME, name).put(STATE, MirrorState.REBUILDING.name()))
                .build();
    }

    /** One entry for each mirror: that of the instance which writes to it, if any does. */
    private Map<String, JsonNode> everywhere() {
        List<JsonNode> all = new ArrayList<>();
        here(services).path(MIRRORS).forEach(all::add);
        answers(LIST, JsonNodeFactory.instance.objectNode())
                .forEach(body -> body.path(MIRRORS).forEach(all::add));
        Map<String, JsonNode> chosen = new TreeMap<>();
        for (JsonNode mirror : all) {
            chosen.merge(
                    mirror.path(NAME).asText(),
                    mirror,
                    (one, other) -> isStandby(one) && !isStandby(other) ? other : one);
        }
        return chosen;
    }

    private static boolean isStandby(JsonNode mirror) {
        return mirror.path(STATE).asText().equals(MirrorState.STANDBY.name());
    }

    private List<JsonNode> answers(String path, ObjectNode question) {
        Cluster cluster = services.cluster();
        List<JsonNode> bodies = new ArrayList<>();
        for (PeerAnswer answer : cluster.ask(cluster.alive(), path, question, PATIENCE, body -> false)) {
            switch (answer) {
                case Answered answered -> bodies.add(answered.body());
                case Failed _ -> {} // GET /api/topologies shows which instances do not answer
            }
        }
        return bodies;
    }

    /** Those of this instance. */
    static ObjectNode here(Services services) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode mirrors = answer.putArray(MIRRORS);
        Cluster cluster = services.cluster();
        for (MirrorStatus status : services.mirrors().status()) {
            mirrors.add(describe(status).put("instance", cluster.id()).put("url", cluster.url()));
        }
        return answer;
    }

    /** Orders a rebuild if this instance is the one that writes. */
    static ObjectNode rebuildHere(Services services, String name) {
        return JsonNodeFactory.instance
                .objectNode()
                .put(ORDERED, services.mirrors().rebuild(name));
    }

    private static ObjectNode describe(MirrorStatus status) {
        ObjectNode node = JsonNodeFactory.instance
                .objectNode()
                .put(NAME, status.name())
                .put(STATE, status.state().name())
                .put("since", status.since().toString())
                .put("backlog", status.backlog())
                .put("upserts", status.upserts())
                .put("deletes", status.deletes())
                .put("skipped", status.skipped())
                .put("failures", status.failures())
                .put("rebuilds", status.rebuilds());
        MirrorStatus.Failure error = status.error();
        if (error != null) {
            node.putObject("last_error")
                    .put("code", error.code().code())
                    .put("detail", error.detail())
                    .put("at", error.at().toString());
        }
        if (status.rebuiltAt() != null) {
            node.put("rebuilt_at", status.rebuiltAt().toString());
        }
        return node;
    }
}
