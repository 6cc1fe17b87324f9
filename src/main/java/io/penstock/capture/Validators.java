package io.penstock.capture;

import java.net.URI;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a server said to recognise a version of its content by (RFC 9110, section 8.8).
 *
 * @param uri the address that said it; no other is asked by it
 */
record Validators(URI uri, @Nullable String etag, @Nullable String lastModified) {

    /** The request, made conditional if it is the one that the validators are about. */
    HttpRequests.Outgoing on(HttpRequests.Outgoing outgoing) {
        if (!concern(outgoing)) {
            return outgoing;
        }
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.putAll(outgoing.headers());
        if (etag != null) {
            headers.put("If-None-Match", etag);
        }
        if (lastModified != null) {
            headers.put("If-Modified-Since", lastModified);
        }
        return new HttpRequests.Outgoing(outgoing.uri(), outgoing.method(), headers, outgoing.body());
    }

    boolean concern(HttpRequests.Outgoing outgoing) {
        return outgoing.uri().equals(uri) && outgoing.method().equals("GET");
    }
}
