package io.penstock.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.KafkaSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EmbeddedBrokerTest {
    @Test
    void shouldKeepClusterAndRecordsWhenStartedAgainOnAnotherPort() throws Exception {
        Path folder = SharedBroker.newFolder();
        String cluster;
        int port;
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder, 0)) {
            port = broker.port();
            cluster = clusterId(broker);
            create(settings(broker.bootstrapServers()), "kept");
            send(settings(broker.bootstrapServers()), "kept", "first");
        }
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder, 0)) {
            assertThat(broker.port()).isNotEqualTo(port);
            assertThat(clusterId(broker)).isEqualTo(cluster);
            send(settings(broker.bootstrapServers()), "kept", "second");
            assertThat(read(settings(broker.bootstrapServers()), "kept", 2)).containsExactly("first", "second");
        }
    }

    @Test
    void shouldKeepRecordsAndAbortWhatWasOpenAfterAKill() throws Exception {
        Path folder = SharedBroker.newFolder();
        try (BrokerProcess process = BrokerProcess.start(folder)) {
            KafkaSettings settings = settings(process.bootstrapServers());
            create(settings, "killed");
            send(settings, "killed", "before");
            leaveATransactionOpen(settings, "killed", process);
        }
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder, 0)) {
            KafkaSettings settings = settings(broker.bootstrapServers());
            send(settings, "killed", "after");
            assertThat(read(settings, "killed", 2)).containsExactly("before", "after");
        }
    }

    @Test
    void shouldRefuseASecondBrokerOnTheSameFolder() {
        Path folder = SharedBroker.newFolder();
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder, 0)) {
            assertThatThrownBy(() -> EmbeddedBroker.start(folder, 0))
                    .isInstanceOfSatisfying(PenstockException.class, e -> {
                        assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
                        assertThat(e.detail()).contains("Another Kafka broker is running on", "PENSTOCK_DATA");
                    });
            assertThat(broker.bootstrapServers()).isEqualTo("127.0.0.1:" + broker.port());
        }
        try (EmbeddedBroker next = EmbeddedBroker.start(folder, 0)) {
            assertThat(next.port()).isPositive();
        }
    }

    @Test
    void shouldNameTheVariableWhenThePortIsTaken() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> EmbeddedBroker.start(SharedBroker.newFolder(), taken.getLocalPort()))
                    .isInstanceOfSatisfying(PenstockException.class, e -> {
                        assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
                        assertThat(e.detail())
                                .contains(Integer.toString(taken.getLocalPort()), "PENSTOCK_KAFKA_PORT", "taken");
                    });
        }
    }

    @Test
    void shouldRefuseAPortThatIsNone() {
        assertThatThrownBy(() -> EmbeddedBroker.start(SharedBroker.newFolder(), 70_000))
                .isInstanceOf(PenstockException.class)
                .hasMessageContaining("PENSTOCK_KAFKA_PORT");
    }

    /** Kills the broker while a producer is in the middle of a transaction. */
    private static void leaveATransactionOpen(KafkaSettings settings, String topic, BrokerProcess process)
            throws Exception {
        Map<String, Object> config = new HashMap<>(settings.producer());
        config.put("transactional.id", "open");
        config.put("transaction.timeout.ms", 1000);
        Producer<byte[], byte[]> producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
        try {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, "never committed".getBytes(UTF_8)))
                    .get();
            process.kill();
        } finally {
            producer.close(Duration.ZERO);
        }
    }

    private static KafkaSettings settings(String bootstrapServers) {
        return new KafkaSettings(bootstrapServers, Map.of(), (short) 1);
    }

    private static String clusterId(EmbeddedBroker broker) throws Exception {
        try (Admin admin = Admin.create(settings(broker.bootstrapServers()).admin())) {
            return admin.describeCluster().clusterId().get();
        }
    }

    private static void create(KafkaSettings settings, String topic) throws Exception {
        try (Admin admin = Admin.create(settings.admin())) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
        }
    }

    private static void send(KafkaSettings settings, String topic, String value) throws Exception {
        try (Producer<byte[], byte[]> producer =
                new KafkaProducer<>(settings.producer(), new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(topic, value.getBytes(UTF_8))).get();
        }
    }

    private static List<String> read(KafkaSettings settings, String topic, int count) {
        try (Consumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                settings.consumer("earliest"), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(new TopicPartition(topic, 0)));
            consumer.seekToBeginning(consumer.assignment());
            List<String> values = new ArrayList<>();
            while (values.size() < count) {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(new String(record.value(), UTF_8)));
            }
            return values;
        }
    }
}
