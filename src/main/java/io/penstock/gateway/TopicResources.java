package io.penstock.gateway;

import io.penstock.error.PenstockException;
import java.time.Duration;
import java.util.Optional;

/** What Kafka and the registry hold for a Penstock topic. All methods may be repeated, by several gateways at once. */
public interface TopicResources {
    /**
     * Makes {@code raw.<topic>} unless it is there, and registers its schema.
     *
     * @return Kafka's id of it
     * @throws PenstockException {@code config.invalid} when it is there, but cannot be used
     */
    String create(String topic);

    /** Kafka's id of {@code raw.<topic>}; empty when there is none. */
    Optional<String> find(String topic);

    /** Waits until no instance of the topic's enrichment is in its group any more. */
    void awaitEnrichmentClosed(String topic, String incarnation, Duration patience) throws InterruptedException;

    /**
     * Deletes what one life of a topic has in Kafka, and nothing of a later one: its {@code raw.<topic>} by its id, the group and
     * the internal topics of its enrichment by their exact names.
     *
     * @param kafkaTopicId empty when there is none
     */
    void delete(String topic, String incarnation, Optional<String> kafkaTopicId);
}
