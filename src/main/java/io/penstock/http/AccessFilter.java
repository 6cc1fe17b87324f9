package io.penstock.http;

import io.penstock.error.ErrorCode;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Optional;
import java.util.Set;

/**
 * Stands before every path, whoever serves it: no call is served without the key but the few that are open. Works on the event
 * loop and must not block.
 */
@ApplicationScoped
public class AccessFilter {
    private static final int FIRST = -1_000;
    /** Bodies of the original may carry the key themselves; their resources look for it there. */
    private static final Set<String> KEY_IN_BODY = Set.of("/api/topic", "/api/segment", "/api/collect");

    static final long MAX_BODY_BYTES = 1024 * 1024;
    /** Set on requests that showed the right key. */
    static final String AUTHENTICATED = "penstock.authenticated";

    private final Services services;

    public AccessFilter(Services services) {
        this.services = services;
    }

    void register(@Observes Router router) {
        router.route().order(FIRST).handler(this::check).failureHandler(AccessFilter::failed);
    }

    private void check(RoutingContext call) {
        if (services.isStopping() && !call.normalizedPath().startsWith("/q/health")) {
            refuse(call, ErrorCode.NOT_READY, "This instance is stopping; ask again in a moment, or ask another one.");
            return;
        }
        if (isTooLarge(call)) {
            refuse(call, ErrorCode.BODY_TOO_LARGE, "The body is larger than 1 MiB.");
            return;
        }
        Optional<String> presented = Credentials.of(
                call.request().getHeader("X-API-Key"), call.request().getHeader("Authorization"));
        if (presented.isPresent()) {
            if (!services.key().matches(presented.get())) {
                refuse(
                        call,
                        ErrorCode.KEY_WRONG,
                        "The key is wrong. " + services.key().whereItIs());
                return;
            }
            call.put(AUTHENTICATED, true);
        } else if (!isOpen(call)) {
            refuse(
                    call,
                    ErrorCode.KEY_MISSING,
                    "The key is missing: send it as X-API-Key or as a bearer token. "
                            + services.key().whereItIs());
            return;
        }
        call.next();
    }

    /** A body that did not say how long it is, and is too long; everything else is for others to answer. */
    private static void failed(RoutingContext call) {
        if (call.statusCode() == ErrorCode.BODY_TOO_LARGE.status()
                && !call.response().ended()) {
            refuse(call, ErrorCode.BODY_TOO_LARGE, "The body is larger than 1 MiB.");
        } else {
            call.next();
        }
    }

    private static boolean isTooLarge(RoutingContext call) {
        String length = call.request().getHeader("Content-Length");
        return length != null && length.matches("[0-9]{7,19}") && Long.parseLong(length) > MAX_BODY_BYTES;
    }

    private boolean isOpen(RoutingContext call) {
        String path = call.normalizedPath();
        String method = call.request().method().name();
        boolean reads = method.equals("GET") || method.equals("HEAD");
        if (reads && (path.equals("/") || path.equals("/q/health") || path.startsWith("/q/health/"))) {
            return true;
        }
        if (method.equals("POST") && KEY_IN_BODY.contains(path)) {
            return true;
        }
        return reads
                && services.isLoopback()
                && (path.equals("/q/metrics")
                        || path.equals("/q/openapi")
                        || path.equals("/registry")
                        || path.startsWith("/registry/"));
    }

    private static void refuse(RoutingContext call, ErrorCode code, String detail) {
        var problem = Problem.response(code, detail);
        call.response().setStatusCode(problem.getStatus()).putHeader("Content-Type", Problem.MEDIA_TYPE);
        String challenge = problem.getHeaderString("WWW-Authenticate");
        if (challenge != null) {
            call.response().putHeader("WWW-Authenticate", challenge);
        }
        String retryAfter = problem.getHeaderString("Retry-After");
        if (retryAfter != null) {
            call.response().putHeader("Retry-After", retryAfter);
        }
        if (code == ErrorCode.BODY_TOO_LARGE || code == ErrorCode.NOT_READY) {
            call.response().putHeader("Connection", "close");
        }
        call.response().end(String.valueOf(problem.getEntity()));
    }
}
