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
    boolean hasSameContent(CapturedContent other) {
        return contentType.equals(other.contentType) && Arrays.equals(content, other.content);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CapturedContent that
                && hasSameContent(that)
                && uri.equals(that.uri)
                && attributes.equals(that.attributes);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(content) + uri.hashCode();
    }
}
