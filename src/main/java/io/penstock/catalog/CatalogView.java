package io.penstock.catalog;

import io.penstock.schema.CatalogEntry;
import io.penstock.schema.CatalogState;
import java.util.List;
import java.util.Optional;

/** A read-only view of what exists. May be read from any thread; entries may be in any {@code CatalogState}. */
public interface CatalogView {
    /** False while entries are left out because they cannot be read: then what is not shown may be there all the same. */
    default boolean isWhole() {
        return true;
    }

    Optional<CatalogEntry> topic(String topic);

    Optional<CatalogEntry> segment(String topic, String segment);

    /** All topics, by name. */
    List<CatalogEntry> topics();

    /** The segments of a topic, by name. */
    List<CatalogEntry> segments(String topic);

    /**
     * Whether the incarnation is that of the segment now and neither it nor its topic is being deleted. What bears another one
     * belongs to a life that is over.
     */
    default boolean isCurrent(String topic, String segment, String incarnation) {
        return segment(topic, segment)
                        .filter(entry -> entry.getIncarnation().equals(incarnation))
                        .filter(entry -> entry.getState() == CatalogState.ACTIVE)
                        .isPresent()
                && isActive(topic);
    }

    /** Whether the topic is there and not being deleted. */
    default boolean isActive(String topic) {
        return topic(topic)
                .filter(entry -> entry.getState() == CatalogState.ACTIVE)
                .isPresent();
    }
}
