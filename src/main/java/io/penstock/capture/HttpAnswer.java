package io.penstock.capture;

import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a server answered when it did not fail.
 *
 * @param uri where it came from, redirects followed
 * @param notModified whether it says that what is known still holds; then there is no content
 * @param content decompressed
 * @param links headers {@code Link}
 */
record HttpAnswer(
        URI uri,
        int status,
        boolean notModified,
        byte[] content,
        @Nullable String contentType,
        @Nullable String etag,
        @Nullable String lastModified,
        List<String> links) {}
