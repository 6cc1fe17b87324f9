package io.penstock.http;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/** The page at the root: whether Penstock works, and where to go from here. Says nothing that needs the key. */
@Path("/")
public class LandingResource {
    private final Services services;

    public LandingResource(Services services) {
        this.services = services;
    }

    @GET
    @Produces(MediaType.TEXT_HTML)
    public String page() {
        Services.Readiness readiness = services.readiness();
        return """
                <!doctype html>
                <html lang="en"><head><meta charset="utf-8"><title>Penstock</title>
                <style>body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1rem}
                code{background:#eee;padding:.1em .3em}</style></head><body>
                <h1>Penstock</h1>
                <p>From alerts to cited answers. State: <strong>%s</strong></p>
                <ul>
                <li><a href="/q/health">health</a></li>
                <li><a href="/q/openapi">the HTTP API</a></li>
                <li><a href="/q/metrics">metrics</a></li>
                <li><a href="/registry/subjects">schemas</a></li>
                </ul>
                <p>Ask with <code>POST /api/chat</code> and the key, which the terminal showed at the start.</p>
                </body></html>
                """.formatted(readiness.ready() ? "ready" : "not ready");
    }
}
