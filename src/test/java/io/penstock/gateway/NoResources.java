package io.penstock.gateway;

import java.time.Duration;
import java.util.Optional;

/** Kafka's part of topics, where a test has none. */
enum NoResources implements TopicResources {
    INSTANCE;

    @Override
    public String create(String topic) {
        return "id of " + topic;
    }

    @Override
    public Optional<String> find(String topic) {
        return Optional.empty();
    }

    @Override
    public void awaitEnrichmentClosed(String topic, String incarnation, Duration patience) {}

    @Override
    public void delete(String topic, String incarnation, Optional<String> kafkaTopicId) {}
}
