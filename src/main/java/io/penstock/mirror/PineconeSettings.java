package io.penstock.mirror;

import org.jspecify.annotations.Nullable;

/**
 * Where the Pinecone mirror is.
 *
 * @param apiKey secret
 * @param index its name; made when it is not there
 * @param host of the control plane instead of Pinecone's own; one that begins with {@code http://} is spoken to without TLS, and
 *     so are its indexes
 * @param cloud where an index is made
 * @param region where an index is made
 */
record PineconeSettings(
        String apiKey, String index, @Nullable String host, String cloud, String region) {
    boolean hasTls() {
        return host == null || !host.startsWith("http://");
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "Pinecone's index " + index + (host == null ? "" : " at " + host);
    }
}
