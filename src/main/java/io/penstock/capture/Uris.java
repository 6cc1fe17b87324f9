package io.penstock.capture;

import io.penstock.stage.CallException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/** Addresses: made from text with care, and shown without what may be secret. */
final class Uris {
    private Uris() {}

    /** @throws CallException {@code capture.refused} when it is no address, or its path climbs */
    static URI parse(String text) throws CallException {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw Failures.refused(
                    "The address is not a URI: " + e.getReason() + " at character " + e.getIndex() + ".");
        }
        String path = uri.getRawPath() == null
                ? ""
                : uri.getRawPath().toLowerCase(Locale.ROOT).replace("%2e", ".");
        for (String segment : path.split("/", -1)) {
            if (segment.equals("..") || segment.equals(".")) {
                throw Failures.refused("The path of " + shown(uri) + " holds '" + segment + "'.");
            }
        }
        return uri;
    }

    /** Scheme, host and path: a query often holds a key. */
    static String shown(URI uri) {
        String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
        return uri.getScheme() + "://" + uri.getHost() + port + (uri.getRawPath() == null ? "" : uri.getRawPath());
    }

    /** Whether both have one scheme, host and port. */
    static boolean sameOrigin(URI a, URI b) {
        return String.valueOf(a.getScheme()).equalsIgnoreCase(b.getScheme())
                && String.valueOf(a.getHost()).equalsIgnoreCase(b.getHost())
                && a.getPort() == b.getPort();
    }
}
