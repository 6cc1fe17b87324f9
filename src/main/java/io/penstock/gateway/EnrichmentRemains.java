package io.penstock.gateway;

import io.penstock.error.PenstockException;
import java.util.Set;

/** What Kafka holds of enrichments, living or not. */
interface EnrichmentRemains {
    /** The application ids of all that have a group or an internal topic. */
    Set<String> applications();

    /**
     * Deletes the group and the internal topics.
     *
     * @throws PenstockException {@code not-ready} while the group has members; then the topics stay
     */
    void delete(String application);
}
