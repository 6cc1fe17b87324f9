package io.penstock.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.vertx.ext.web.RoutingContext;
import java.net.URLDecoder;

/**
 * What stands at the end of a path and may hold anything, exactly as it was sent. Routing makes paths simpler: it takes two slashes for
 * one, and drops a slash at the end and what follows a semicolon, so that its parameter may be the name of something else.
 */
final class PathRest {
    private PathRest() {}

    /**
     * @param before how many parts the path has before it
     * @return decoded once
     * @throws PenstockException {@code request.malformed} when the parts before it are not those that were routed
     */
    static String of(RoutingContext call, int before) {
        return of(call.request().path(), before);
    }

    static String of(String path, int before) {
        int slash = 0; // before the first part
        for (int part = 0; part < before; part++) {
            int next = path.indexOf('/', slash + 1);
            if (next <= slash + 1 || path.substring(slash, next).indexOf(';') >= 0) {
                throw new PenstockException(
                        ErrorCode.REQUEST_MALFORMED,
                        "The path has an empty part or a semicolon before the name at its end; leave it out.");
            }
            slash = next;
        }
        // A plus is a plus in a path.
        return URLDecoder.decode(path.substring(slash + 1).replace("+", "%2B"), UTF_8);
    }
}
