package io.penstock.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.query.AvroJson;
import io.penstock.query.StoreQueries;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import org.jspecify.annotations.Nullable;

/** Interactive queries on the state stores. */
@Path("/api/stores")
@Produces(MediaType.APPLICATION_JSON)
public class StoresResource {
    private static final int PARTS_BEFORE_KEY = 3;

    private final Services services;

    public StoresResource(Services services) {
        this.services = services;
    }

    @GET
    public ObjectNode list() {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode stores = answer.putArray("stores");
        services.stores()
                .list()
                .forEach(store -> stores.addObject()
                        .put("name", store.name())
                        .put("topology", store.instance())
                        .put("global", store.global())
                        .put("partitions", store.partitions())
                        .put("entries", store.entries())
                        .put("complete", store.partitions() >= store.wanted()));
        return answer;
    }

    @GET
    @Path("/{store}")
    public ObjectNode page(
            @PathParam("store") String store,
            @QueryParam("prefix") @Nullable String prefix,
            @QueryParam("from") @Nullable String from,
            @QueryParam("to") @Nullable String to,
            @QueryParam("after") @Nullable String after,
            @QueryParam("limit") @Nullable String limit,
            @QueryParam("include") @Nullable String include) {
        StoreQueries.Page page =
                services.stores().page(store, new StoreQueries.Range(prefix, from, to, after, Pages.limit(limit)));
        AvroJson json = new AvroJson("vector".equals(include));
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode entries = answer.putArray("entries");
        page.entries()
                .forEach(entry -> entries.addObject().put("key", entry.key()).set("value", json.value(entry.value())));
        return answer.put("next", page.next());
    }

    @GET
    @Path("/{store}/{key: .+}")
    public ObjectNode one(
            @PathParam("store") String store,
            @Context RoutingContext call,
            @QueryParam("include") @Nullable String include) {
        String key = PathRest.of(call, PARTS_BEFORE_KEY);
        AvroJson json = new AvroJson("vector".equals(include));
        ObjectNode answer = JsonNodeFactory.instance.objectNode().put("key", key);
        answer.set(
                "value",
                services.stores()
                        .get(store, key)
                        .map(json::value)
                        .orElseThrow(() -> new PenstockException(
                                ErrorCode.KEY_UNKNOWN, "The store '" + store + "' has no key '" + key + "'.")));
        return answer;
    }
}
