package io.penstock.cli;

import java.net.URI;

/**
 * Where Penstock is, and the key that it wants.
 *
 * @param url without a slash at its end
 * @param keySource where the key was found, to be told when it is refused
 */
record Address(URI url, String key, String keySource) {
    URI at(String path) {
        return URI.create(url + path);
    }

    /** Without the key. */
    @Override
    public String toString() {
        return url.toString();
    }
}
