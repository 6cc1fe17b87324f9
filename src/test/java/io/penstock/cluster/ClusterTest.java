package io.penstock.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.broker.EmbeddedBroker;
import io.penstock.broker.SharedBroker;
import io.penstock.kafka.FixedTopics;
import io.penstock.kafka.KafkaProvisioner;
import io.penstock.kafka.KafkaSettings;
import io.penstock.kafka.Topics;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.MemoryRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Instances that find each other over a real topic. */
@Timeout(60)
@ExtendWith(SharedBroker.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClusterTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final KafkaSettings kafka;
    private final AvroSerdes serdes = new AvroSerdes(new MemoryRegistry());
    private final Producer<byte[], byte[]> producer;

    ClusterTest(EmbeddedBroker broker) {
        kafka = new KafkaSettings(broker.bootstrapServers(), Map.of(), (short) 1);
        producer = new KafkaProducer<>(kafka.producer(), new ByteArraySerializer(), new ByteArraySerializer());
    }

    @BeforeAll
    void makeTheTopic() {
        try (Admin admin = Admin.create(kafka.admin())) {
            new KafkaProvisioner(admin, (short) 1)
                    .ensure(FixedTopics.of(1, List.of()).stream()
                            .filter(topic -> topic.name().equals(Topics.INSTANCE))
                            .toList());
        }
    }

    @AfterAll
    void close() {
        producer.close();
    }

    @Test
    void shouldFindOthersAndLoseWhoLeaves() throws InterruptedException {
        try (Cluster one = cluster("one", "the key");
                Cluster two = cluster("two", "the key")) {
            one.join();
            two.join();
            await().atMost(PATIENCE).until(() -> ids(one).equals(List.of("two")));
            await().atMost(PATIENCE).until(() -> ids(two).equals(List.of("one")));
            assertThat(one.hosting("runs")).extracting(Peer::id).containsExactly("two");
            assertThat(one.hosts("chat")).isFalse();

            two.leave();

            // Long before an instance that says nothing would be given up.
            await().atMost(ClusterView.LIFE.dividedBy(2)).until(() -> ids(one).isEmpty());
            assertThat(one.hosts("runs")).isTrue();

            try (Cluster again = cluster("two", "the key")) {
                again.join();
                await().atMost(PATIENCE).until(() -> ids(one).equals(List.of("two")));
                assertThat(ids(again)).containsExactly("one");
            }
        }
    }

    @Test
    void shouldNotSeeWhoHasAnotherKey() throws InterruptedException {
        try (Cluster stranger = cluster("stranger", "another key");
                Cluster one = cluster("one", "the key");
                Cluster two = cluster("two", "the key")) {
            stranger.join();
            one.join();
            two.join();

            await().atMost(PATIENCE).until(() -> ids(two).equals(List.of("one")));
            await().atMost(PATIENCE).until(() -> ids(one).equals(List.of("two")));
            assertThat(ids(stranger)).isEmpty();
        }
    }

    private static List<String> ids(Cluster cluster) {
        return cluster.alive().stream().map(Peer::id).toList();
    }

    private Cluster cluster(String id, String key) {
        return new Cluster(
                new Cluster.Self(
                        id,
                        "http://" + id + ".example:8080",
                        Set.of("gateway"),
                        () -> Set.of("runs"),
                        () -> Set.of("runs", "run-items"),
                        true),
                producer,
                new KafkaConsumer<>(
                        kafka.consumer("earliest"), new ByteArrayDeserializer(), new ByteArrayDeserializer()),
                serdes,
                key,
                InstantSource.system());
    }
}
