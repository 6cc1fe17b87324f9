package io.penstock.seed;

import org.jspecify.annotations.Nullable;

/**
 * One of the original's bodies: a topic, or a segment of it, is to be created or deleted.
 *
 * @param segment null when the topic itself is meant
 */
public record CatalogRequest(String topic, @Nullable String segment, Action action) {
    /** What is to be done. */
    public enum Action {
        CREATE,
        DELETE
    }
}
