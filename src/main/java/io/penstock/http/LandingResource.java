package io.penstock.http;

import io.penstock.error.PenstockException;
import io.penstock.topology.HostedState;
import io.penstock.topology.HostedTopology;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The page at the root: whether Penstock works, and where to go from here. Says nothing that needs the key. */
@Path("/")
public class LandingResource {
    private static final String WELL = "RUNNING";

    private final Services services;

    public LandingResource(Services services) {
        this.services = services;
    }

    @GET
    @Produces(MediaType.TEXT_HTML + ";charset=UTF-8")
    public Response page(@HeaderParam("Host") @Nullable String host) {
        return Response.ok(LandingPage.html(
                        services.readiness().ready() ? "ready" : "not ready",
                        topologies(),
                        url(host),
                        services.key().whereItIs()))
                .header("Content-Security-Policy", LandingPage.POLICY)
                .header("Referrer-Policy", "no-referrer")
                .header("Cache-Control", "no-store")
                .build();
    }

    /** The address that the caller used, so that the lines can be copied; unless it is none. */
    static String url(@Nullable String host) {
        return "http://"
                + (host != null
                                && host.matches(
                                        "[A-Za-z0-9.-]{1,255}(:[0-9]{1,5})?|\\[[0-9a-fA-F:.]{2,45}](:[0-9]{1,5})?")
                        ? host
                        : "127.0.0.1:8080");
    }

    /** That Kafka Streams calls itself running proves little. */
    private static String stateOf(HostedTopology topology) {
        if (topology.isReady()) {
            return WELL;
        }
        return topology.state() == HostedState.RUNNING
                ? "NOT READY"
                : topology.state().name();
    }

    private Map<String, String> topologies() {
        Map<String, String> states = new TreeMap<>();
        try {
            for (HostedTopology topology : services.topologies().all()) {
                // The enrichment of a topic is named after it, and topics are nobody's business here.
                String name = topology.definition().name().split("/", 2)[0];
                String state = stateOf(topology);
                states.merge(name, state, (one, other) -> one.equals(WELL) ? other : one);
            }
            services.topologyFaults().keySet().forEach(name -> states.put(name, "INVALID"));
        } catch (PenstockException e) {
            states.clear(); // still starting: there are none yet
        }
        return states;
    }
}
