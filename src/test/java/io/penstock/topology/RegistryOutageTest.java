package io.penstock.topology;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.broker.EmbeddedBroker;
import io.penstock.broker.SharedBroker;
import io.penstock.deadletter.Decode;
import io.penstock.kafka.KafkaProvisioner;
import io.penstock.kafka.KafkaSettings;
import io.penstock.kafka.TopicSpec;
import io.penstock.registry.EmbeddedRegistry;
import io.penstock.registry.RegistryFixture;
import io.penstock.registry.RegistryServer;
import io.penstock.schema.Alert;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.Decoded;
import io.penstock.serde.RemoteRegistry;
import io.penstock.stage.StageRuntime;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.avro.Schema;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A running topology whose registry goes away: what cannot be looked up waits and is processed once it can be, each record
 * once; only what the registry does not know is a dead letter.
 */
@Timeout(90)
@ExtendWith(SharedBroker.class)
class RegistryOutageTest {
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final String IN = "outage-in";
    private static final String OUT = "outage-out";
    private static final String DEAD = "outage-dead";

    private final KafkaSettings kafka;
    private final EmbeddedRegistry engine;
    private final Path state = SharedBroker.newFolder();
    private final TopologyHost host = new TopologyHost(this::properties, new StageRuntime().clients());

    RegistryOutageTest(EmbeddedBroker broker) {
        kafka = RegistryFixture.settings(broker);
        engine = EmbeddedRegistry.start(kafka);
    }

    @AfterEach
    void stop() {
        host.close(List.of(), PATIENCE);
        engine.close();
    }

    @Test
    void shouldWaitForTheRegistryAndDeadLetterOnlyWhatItDoesNotKnow() {
        try (Admin admin = Admin.create(kafka.admin())) {
            new KafkaProvisioner(admin, (short) 1)
                    .ensure(List.of(
                            TopicSpec.kept(IN, 1, Duration.ofHours(1)),
                            TopicSpec.kept(OUT, 1, Duration.ofHours(1)),
                            TopicSpec.kept(DEAD, 1, Duration.ofHours(1))));
        }
        byte[] before = bytes("before", Alert.getClassSchema());
        byte[] during = bytes("during", withDoc("a schema that the topology has not seen"));
        byte[] unknown =
                ByteBuffer.wrap(before.clone()).put(1, new byte[] {9, 9, 9, 9}).array();

        RegistryServer server = new RegistryServer(engine);
        try (RemoteRegistry registry = new RemoteRegistry(
                Map.of("schema.registry.url", server.url(), "max.retries", "2", "retries.wait.ms", "20"))) {
            host.start(definition(), () -> topology(new AvroSerdes(registry).codec(Alert.class)));
            await().atMost(PATIENCE).until(host::allReady);
            send(before);
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(read(OUT)).containsExactly("before"));

            int port = server.port();
            server.close();
            send(during, unknown, before);
            HostedTopology hosted = host.find("outage").orElseThrow();
            await().atMost(PATIENCE).until(() -> hosted.restarts() > 0);
            assertThat(hosted.lastFailure())
                    .hasValueSatisfying(failure -> assertThat(failure).contains("schema registry cannot be asked"));
            assertThat(read(OUT)).containsExactly("before");
            assertThat(read(DEAD)).isEmpty();

            server = new RegistryServer(engine, port);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(read(OUT)).containsExactly("before", "during", "before"));
            assertThat(read(DEAD)).hasSize(1);
            await().atMost(PATIENCE).until(hosted::isReady);
        } finally {
            server.close();
        }
    }

    private static Topology topology(AvroCodec<Alert> codec) {
        return new Topology()
                .addSource("in", new ByteArrayDeserializer(), new ByteArrayDeserializer(), IN)
                .addProcessor("decode", () -> new Decode<>(codec, "decode", "name", "dead"), "in")
                .addProcessor(
                        "name",
                        () -> new ContextualProcessor<String, Decoded<Alert>, String, String>() {
                            @Override
                            public void process(Record<String, Decoded<Alert>> record) {
                                context()
                                        .forward(record.withValue(
                                                record.value().value().getTopic()));
                            }
                        },
                        "decode")
                .addSink("out", OUT, new StringSerializer(), new StringSerializer(), "name")
                .addSink("dead", DEAD, new ByteArraySerializer(), new ByteArraySerializer(), "decode");
    }

    /** An alert as somebody else wrote it, under a subject of their own. */
    private byte[] bytes(String topic, Schema schema) {
        byte[] bytes = new AvroSerdes(engine)
                .codec(Alert.class)
                .encode(
                        "outage",
                        Alert.newBuilder()
                                .setTopic(topic)
                                .setSegmentTargets(List.of("a"))
                                .build());
        int id = engine.register("outage-" + topic, schema);
        return ByteBuffer.wrap(bytes).putInt(1, id).array();
    }

    private static Schema withDoc(String doc) {
        Schema schema = Alert.getClassSchema();
        return Schema.createRecord(
                schema.getName(),
                doc,
                schema.getNamespace(),
                false,
                schema.getFields().stream()
                        .map(field -> new Schema.Field(field, field.schema()))
                        .toList());
    }

    private void send(byte[]... values) {
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(kafka.producer(), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (byte[] value : values) {
                var _ = producer.send(new ProducerRecord<>(IN, "key".getBytes(UTF_8), value));
            }
        }
    }

    private List<String> read(String topic) {
        TopicPartition partition = new TopicPartition(topic, 0);
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(kafka.consumer("earliest"), new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
            while (consumer.position(partition) < end) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                    values.add(record.value());
                }
            }
        }
        return values;
    }

    private TopologyDefinition definition() {
        return new TopologyDefinition(
                "outage",
                "registry-outage-test",
                Guarantee.EXACTLY_ONCE_V2,
                1,
                "all",
                "decodes",
                Map.of("commit.interval.ms", "100"),
                "outage.yaml");
    }

    private Properties properties(TopologyDefinition definition) {
        Properties properties = new Properties();
        properties.putAll(kafka.streams());
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, definition.applicationId());
        properties.put(StreamsConfig.STATE_DIR_CONFIG, state.toString());
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, definition.threads());
        properties.putAll(definition.kafka());
        return properties;
    }
}
