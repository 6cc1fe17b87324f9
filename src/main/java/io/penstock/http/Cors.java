package io.penstock.http;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets web pages of other origins call, if the operator named them (Fetch standard, "CORS protocol"). Credentials that a browser
 * keeps are never allowed: a page has to show the key itself, as everybody does.
 */
final class Cors {
    private static final String METHODS = "GET, HEAD, POST, PUT, DELETE";
    /** The last ones are what OpenAI's clients send with every call. */
    private static final String REQUEST_HEADERS =
            "X-API-Key, Authorization, Content-Type, Accept, Last-Event-ID, Idempotency-Key,"
                    + " OpenAI-Organization, OpenAI-Project, X-Stainless-Lang, X-Stainless-Package-Version, X-Stainless-OS,"
                    + " X-Stainless-Arch, X-Stainless-Runtime, X-Stainless-Runtime-Version, X-Stainless-Retry-Count,"
                    + " X-Stainless-Timeout, X-Stainless-Helper-Method";

    private static final String ANSWER_HEADERS =
            "Location, Retry-After, WWW-Authenticate, Allow, " + OpenAiError.SHOULD_RETRY;
    private static final String REMEMBERED_SECONDS = "600";

    private final Set<String> origins;

    Cors(Set<String> origins) {
        this.origins = origins;
    }

    /**
     * Adds what a browser wants to see. Without it, browsers keep the answer from the page.
     *
     * @return whether the request asked only for permission and has got it, and so needs no key
     */
    boolean answer(HttpServerRequest request) {
        if (origins.isEmpty()) {
            return false;
        }
        HttpServerResponse response = request.response();
        boolean any = origins.contains(HttpSettings.ANY_ORIGIN);
        if (!any) {
            response.putHeader("Vary", "Origin");
        }
        String origin = request.getHeader("Origin");
        if (origin == null || !(any || allows(origin))) {
            return false;
        }
        response.putHeader("Access-Control-Allow-Origin", any ? HttpSettings.ANY_ORIGIN : origin);
        if (isPreflight(request.method().name(), request.getHeader("Access-Control-Request-Method"))) {
            response.putHeader("Access-Control-Allow-Methods", METHODS)
                    .putHeader("Access-Control-Allow-Headers", REQUEST_HEADERS)
                    .putHeader("Access-Control-Max-Age", REMEMBERED_SECONDS)
                    .setStatusCode(204);
            return true;
        }
        response.putHeader("Access-Control-Expose-Headers", ANSWER_HEADERS);
        return false;
    }

    private boolean allows(String origin) {
        return origins.contains(origin.toLowerCase(Locale.ROOT));
    }

    private static boolean isPreflight(String method, @Nullable String requestedMethod) {
        return method.equals("OPTIONS") && requestedMethod != null;
    }
}
