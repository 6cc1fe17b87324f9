package io.penstock.gateway;

import java.time.Duration;

/** What Kafka and the registry hold for a Penstock topic. All methods may be repeated. */
public interface TopicResources {
    /** Creates {@code raw.<topic>} and registers its schema. */
    void create(String topic);

    /** Waits until no instance of the topic's enrichment is in its group any more. */
    void awaitEnrichmentClosed(String topic, String incarnation, Duration patience) throws InterruptedException;

    /** Deletes {@code raw.<topic>} and the enrichment's group and internal topics, by their exact names. */
    void delete(String topic, String incarnation);
}
