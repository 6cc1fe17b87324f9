package io.penstock.http;

import io.penstock.error.ErrorCode;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands before every path, whoever serves it: no call is served without the key but the few that are open, requests that are too
 * large or cannot be understood go no further, and what fails outside of the resources is a problem too. Works on the event loop
 * and must not block.
 */
@ApplicationScoped
public class AccessFilter {
    private static final Logger LOG = LoggerFactory.getLogger(AccessFilter.class);
    private static final int FIRST = -1_000;
    private static final int MAX_HEADERS = 100;
    /** Bodies of the original may carry the key themselves; their resources look for it there. */
    private static final Set<String> KEY_IN_BODY = Set.of("/api/topic", "/api/segment", "/api/collect");

    /** What the metrics are served as; for others Quarkus has no words. */
    private static final Pattern METRICS =
            Pattern.compile("text/plain|openmetrics-text|\\*/\\*|text/\\*", Pattern.CASE_INSENSITIVE);

    private static final Pattern LONG_NUMBER = Pattern.compile("[0-9]{7,19}");

    static final long MAX_BODY_BYTES = 1024 * 1024;
    /** Set on requests that showed the right key. */
    static final String AUTHENTICATED = "penstock.authenticated";

    private static final String TOO_LARGE = "The body is larger than 1 MiB.";

    private final Services services;
    private final Cors cors;

    public AccessFilter(Services services) {
        this.services = services;
        this.cors = new Cors(HttpSettings.fromProcess().corsOrigins());
    }

    void register(@Observes Router router) {
        router.route().order(FIRST).handler(this::check).failureHandler(AccessFilter::failed);
    }

    private void check(RoutingContext call) {
        HttpServerRequest request = call.request();
        call.response().putHeader("X-Content-Type-Options", "nosniff");
        if (cors.answer(request)) {
            call.response().end();
            return;
        }
        if (services.isStopping() && !call.normalizedPath().startsWith("/q/health")) {
            refuse(call, ErrorCode.NOT_READY, "This instance is stopping; ask again in a moment, or ask another one.");
            return;
        }
        if (isTooLarge(request)) {
            refuse(call, ErrorCode.BODY_TOO_LARGE, TOO_LARGE);
            return;
        }
        if (request.headers().size() > MAX_HEADERS) {
            refuse(call, ErrorCode.HEADERS_TOO_LARGE, "A request has at most " + MAX_HEADERS + " headers.");
            return;
        }
        if (!isAllowed(call)) {
            return;
        }
        String accept = request.getHeader("Accept");
        if (accept != null && accept.isBlank()) {
            request.headers().remove("Accept"); // says nothing, and the resources would stumble over it
        } else if (accept != null
                && call.normalizedPath().startsWith("/q/metrics")
                && !METRICS.matcher(accept).find()) {
            refuse(call, ErrorCode.MEDIA_TYPE_NOT_ACCEPTABLE, "Metrics are text: accept text/plain.");
            return;
        }
        String fault = isOurs(call.normalizedPath()) ? faultOfQuery(call) : null;
        if (fault != null) {
            refuse(call, ErrorCode.PARAMETER_INVALID, fault);
            return;
        }
        String unsupported = isOurs(call.normalizedPath()) && RequestBody.isExpected(request)
                ? RequestBody.unsupported(request)
                : null;
        if (unsupported != null) {
            refuse(call, ErrorCode.MEDIA_TYPE_UNSUPPORTED, unsupported);
            return;
        }
        RequestBody.read(call, tooLarge -> refuse(tooLarge, ErrorCode.BODY_TOO_LARGE, TOO_LARGE));
    }

    /** Whether the call may go on; if not, it has been answered. */
    private boolean isAllowed(RoutingContext call) {
        HttpServerRequest request = call.request();
        Optional<String> presented = Credentials.of(request.getHeader("X-API-Key"), request.getHeader("Authorization"));
        if (presented.isPresent()) {
            if (!services.key().matches(presented.get())) {
                refuse(
                        call,
                        ErrorCode.KEY_WRONG,
                        "The key is wrong. " + services.key().whereItIs());
                return false;
            }
            call.put(AUTHENTICATED, true);
        } else if (!isOpen(call)) {
            refuse(
                    call,
                    ErrorCode.KEY_MISSING,
                    "The key is missing: send it as X-API-Key, as a bearer token or as the password of Basic. "
                            + services.key().whereItIs());
            return false;
        }
        return true;
    }

    /** Of two values one would win, and the caller would not know which. */
    private static @Nullable String faultOfQuery(RoutingContext call) {
        MultiMap query = call.queryParams();
        for (String name : query.names()) {
            if (query.getAll(name).size() > 1) {
                return "The query has '" + name + "' more than once; send it once.";
            }
        }
        return null;
    }

    /** What failed outside of the resources, which answer problems themselves. */
    private static void failed(RoutingContext call) {
        if (call.response().ended()
                || call.response().headWritten()
                || call.response().closed()) {
            call.next();
            return;
        }
        Throwable failure = call.failure();
        int status = call.statusCode();
        if (failure instanceof RejectedExecutionException) {
            refuse(call, ErrorCode.BUSY, "Too many calls are being worked on; try again.");
            return;
        }
        if (failure instanceof IllegalArgumentException && status >= 500) {
            status = ErrorCode.REQUEST_MALFORMED.status(); // a path or query whose escapes cannot be undone
        }
        switch (status) {
            case 400 -> refuse(call, ErrorCode.REQUEST_MALFORMED, "The request cannot be understood as HTTP.");
            case 404 -> refuse(call, ErrorCode.PATH_UNKNOWN, ProblemMappers.NOTHING_HERE);
            case 405 -> refuse(call, ErrorCode.METHOD_NOT_ALLOWED, ProblemMappers.OTHER_METHOD);
            case 406 -> refuse(call, ErrorCode.MEDIA_TYPE_NOT_ACCEPTABLE, ProblemMappers.ACCEPT_JSON);
            case 413 -> refuse(call, ErrorCode.BODY_TOO_LARGE, TOO_LARGE);
            case 414 -> refuse(call, ErrorCode.URL_TOO_LONG, "The URL is too long.");
            case 415 -> refuse(call, ErrorCode.MEDIA_TYPE_UNSUPPORTED, "A body is JSON: send it as application/json.");
            case 431 -> refuse(call, ErrorCode.HEADERS_TOO_LARGE, "The headers are too large.");
            default -> {
                if (status < 500) {
                    refuse(call, ErrorCode.REQUEST_MALFORMED, "The request cannot be understood.");
                    return;
                }
                String reference = UUID.randomUUID().toString();
                LOG.error("An unexpected error, reference {}", reference, failure);
                refuse(call, ErrorCode.INTERNAL, ProblemMappers.unexpectedDetail(reference));
            }
        }
    }

    private static boolean isTooLarge(HttpServerRequest request) {
        String length = request.getHeader("Content-Length");
        return length != null && LONG_NUMBER.matcher(length).matches() && Long.parseLong(length) > MAX_BODY_BYTES;
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

    /** Whether a resource of this API serves the path, and not the registry, Quarkus, or another instance's call. */
    private static boolean isOurs(String path) {
        return path.startsWith("/api/") || OpenAiError.isFor(path);
    }

    static boolean isRegistry(String path) {
        return path.equals("/registry") || path.startsWith("/registry/");
    }

    private static void refuse(RoutingContext call, ErrorCode code, String detail) {
        Response problem = Problem.at(call.normalizedPath(), code, detail);
        HttpServerResponse response = call.response();
        if (!call.request().isEnded() && RequestBody.isExpected(call.request())) {
            // What the client goes on sending is not read; the connection is of no more use.
            response.putHeader("Connection", "close");
        }
        if (code == ErrorCode.NOT_READY) {
            response.putHeader("Connection", "close"); // the next call may reach an instance that is ready
        }
        Problem.write(problem, response);
    }
}
