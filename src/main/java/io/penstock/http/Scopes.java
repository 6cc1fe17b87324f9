package io.penstock.http;

import io.penstock.catalog.CatalogView;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import org.jspecify.annotations.Nullable;

/** Checks that what a question is narrowed to exists: nothing found and nothing there are different answers. */
public final class Scopes {
    private Scopes() {}

    /** @throws PenstockException {@code topic.unknown}, {@code segment.unknown} */
    public static void require(CatalogView catalog, @Nullable String topic, @Nullable String segment) {
        if (topic != null && catalog.topic(topic).isEmpty()) {
            throw new PenstockException(
                    ErrorCode.TOPIC_UNKNOWN, "There is no topic '" + topic + "'. GET /api/catalog lists what exists.");
        }
        if (segment == null) {
            return;
        }
        boolean known = topic == null
                ? catalog.topics().stream()
                        .anyMatch(entry ->
                                catalog.segment(entry.getTopic(), segment).isPresent())
                : catalog.segment(topic, segment).isPresent();
        if (!known) {
            throw new PenstockException(
                    ErrorCode.SEGMENT_UNKNOWN,
                    (topic == null ? "No topic" : "The topic '" + topic + "'") + " has " + (topic == null ? "a" : "no")
                            + " segment '" + segment + "'.");
        }
    }
}
