package io.penstock.soak;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/** The Kafka topics of one application. Each outcome is written to {@code outcome}; what failed for good to {@code dead} as well. */
record SoakTopics(String free, String ordered, String outcome, String dead) {
    static final int PARTITIONS = 4;

    static SoakTopics of(String application) {
        return new SoakTopics(
                application + ".free", application + ".ordered", application + ".outcome", application + ".dead");
    }

    void create(String bootstrapServers) throws InterruptedException, ExecutionException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            admin.createTopics(List.of(topic(free), topic(ordered), topic(outcome), topic(dead)))
                    .all()
                    .get();
        }
    }

    private static NewTopic topic(String name) {
        return new NewTopic(name, Optional.of(PARTITIONS), Optional.empty());
    }
}
