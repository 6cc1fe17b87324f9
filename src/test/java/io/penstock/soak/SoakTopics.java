package io.penstock.soak;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;

/** The Kafka topics of one application. Each outcome is written to {@code outcome}; what failed for good to {@code dead} as well. */
record SoakTopics(String free, String ordered, String outcome, String dead) {
    static final int PARTITIONS = 4;

    static SoakTopics of(String application) {
        return new SoakTopics(
                application + ".free", application + ".ordered", application + ".outcome", application + ".dead");
    }

    /**
     * Returns once the leader of every partition answers. An idempotent producer that writes before may have its second batch
     * accepted and its first refused, which is then out of order for good.
     */
    void create(String bootstrapServers) throws InterruptedException, ExecutionException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            admin.createTopics(List.of(topic(free), topic(ordered), topic(outcome), topic(dead)))
                    .all()
                    .get();
            Awaitility.await("the partitions have leaders")
                    .atMost(Duration.ofSeconds(30))
                    .ignoreExceptions()
                    .until(() -> admin.listOffsets(ends())
                                    .all()
                                    .get(5, TimeUnit.SECONDS)
                                    .size()
                            == 4 * PARTITIONS);
        }
    }

    private Map<TopicPartition, OffsetSpec> ends() {
        return Stream.of(free, ordered, outcome, dead)
                .flatMap(topic ->
                        IntStream.range(0, PARTITIONS).mapToObj(partition -> new TopicPartition(topic, partition)))
                .collect(Collectors.toMap(partition -> partition, _ -> OffsetSpec.latest()));
    }

    private static NewTopic topic(String name) {
        return new NewTopic(name, Optional.of(PARTITIONS), Optional.empty());
    }
}
