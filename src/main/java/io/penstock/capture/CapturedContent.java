package io.penstock.capture;

import java.util.Arrays;
import java.util.Map;

/**
 * What a source gave.
 *
 * @param contentType media type, with charset where known
 * @param uri where it was found
 * @param attributes anything else that is known about it
 */
public record CapturedContent(byte[] content, String contentType, String uri, Map<String, String> attributes) {
    @Override
    public boolean equals(Object other) {
        return other instanceof CapturedContent that
                && Arrays.equals(content, that.content)
                && contentType.equals(that.contentType)
                && uri.equals(that.uri)
                && attributes.equals(that.attributes);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(content) + uri.hashCode();
    }
}
