package io.penstock.capture;

import io.penstock.error.ErrorCode;
import io.penstock.stage.CallException;
import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Where an answer leads on to, and what goes along. */
final class Redirects {
    private Redirects() {}

    /** @throws CallException when it leads to no address, or from https to something else */
    static Optional<URI> target(URI from, HttpReply reply) throws CallException {
        int status = reply.statusCode();
        if (status != 301 && status != 302 && status != 303 && status != 307 && status != 308) {
            return Optional.empty();
        }
        Optional<String> location = reply.headers().firstValue("Location");
        if (location.isEmpty()) {
            return Optional.empty();
        }
        URI target;
        try {
            target = Uris.resolved(from, location.get());
        } catch (IllegalArgumentException e) {
            throw CallException.permanent(
                    ErrorCode.CAPTURE_STATUS.code(), Uris.shown(from) + " redirects to what is no address.", e);
        }
        refuseDowngrade(from, target, "redirects");
        return Optional.of(target);
    }

    static void refuseDowngrade(URI from, URI target, String how) throws CallException {
        if (Uris.isHttps(from) && !Uris.isHttps(target)) {
            throw Failures.refused(Uris.shown(from) + " " + how + " from https to " + target.getScheme() + ".");
        }
    }

    /**
     * What was configured for one server, its keys above all, does not go to another.
     *
     * @throws CallException when a body would have to
     */
    static HttpRequests.Outgoing followed(HttpRequests.Outgoing outgoing, URI target, int status) throws CallException {
        boolean sameOrigin = Uris.sameOrigin(outgoing.uri(), target);
        boolean keepsMethod =
                status == 307 || status == 308 || outgoing.method().equals("GET");
        if (keepsMethod && outgoing.body() != null && !sameOrigin) {
            throw Failures.refused(Uris.shown(outgoing.uri())
                    + " redirects to another server, which the body of the request is not meant for: "
                    + Uris.shown(target) + ".");
        }
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        outgoing.headers().forEach((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            boolean harmless =
                    lower.equals("accept") || lower.equals("accept-language") || lower.equals("content-type");
            if (sameOrigin || harmless) {
                headers.put(name, value);
            }
        });
        if (!keepsMethod) {
            headers.remove("Content-Type");
            return new HttpRequests.Outgoing(target, "GET", headers, null);
        }
        return new HttpRequests.Outgoing(target, outgoing.method(), headers, outgoing.body());
    }
}
