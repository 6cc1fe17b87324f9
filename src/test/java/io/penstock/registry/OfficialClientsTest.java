package io.penstock.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.broker.EmbeddedBroker;
import io.penstock.broker.SharedBroker;
import io.penstock.kafka.FixedTopics;
import io.penstock.kafka.KafkaProvisioner;
import io.penstock.kafka.KafkaSettings;
import io.penstock.schema.Alert;
import io.penstock.serde.AvroSerdes;
import java.util.List;
import java.util.Map;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.avro.AvroSchema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.SchemaMetadata;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.pulsar.kafka.shade.avro.Schema;
import org.apache.pulsar.kafka.shade.avro.generic.GenericData;
import org.apache.pulsar.kafka.shade.avro.generic.GenericRecord;
import org.apache.pulsar.kafka.shade.io.confluent.kafka.serializers.KafkaAvroDeserializer;
import org.apache.pulsar.kafka.shade.io.confluent.kafka.serializers.KafkaAvroSerializer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Confluent's own client and serializers, as others relocated them, against the embedded registry. */
@Timeout(60)
@ExtendWith(SharedBroker.class)
class OfficialClientsTest {
    private final EmbeddedRegistry engine;
    private final RegistryServer server;

    OfficialClientsTest(EmbeddedBroker broker) {
        KafkaSettings settings = new KafkaSettings(broker.bootstrapServers(), Map.of(), (short) 1);
        try (Admin admin = Admin.create(settings.admin())) {
            new KafkaProvisioner(admin, (short) 1).ensure(List.of(FixedTopics.schemas()));
        }
        engine = EmbeddedRegistry.start(settings);
        server = new RegistryServer(engine);
    }

    @AfterEach
    void stop() {
        server.close();
        engine.close();
    }

    @Test
    void shouldReadWhatTheOfficialSerializerWrote() {
        GenericRecord alert = new GenericData.Record(
                new Schema.Parser().parse(Alert.getClassSchema().toString()));
        alert.put("topic", "economy");
        alert.put("segment_targets", List.of("statements"));
        try (KafkaAvroSerializer serializer = new KafkaAvroSerializer()) {
            serializer.configure(Map.of("schema.registry.url", server.url()), false);
            byte[] bytes = serializer.serialize("official-alert", alert);

            Alert read = new AvroSerdes(engine).codec(Alert.class).decode(bytes);
            assertThat(read.getTopic()).isEqualTo("economy");
            assertThat(read.getSegmentTargets()).containsExactly("statements");
        }
    }

    @Test
    void shouldWriteWhatTheOfficialDeserializerReads() {
        Alert alert = Alert.newBuilder()
                .setTopic("economy")
                .setSegmentTargets(List.of("statements"))
                .build();
        byte[] bytes = new AvroSerdes(engine).codec(Alert.class).encode("official-read", alert);
        try (KafkaAvroDeserializer deserializer = new KafkaAvroDeserializer()) {
            deserializer.configure(Map.of("schema.registry.url", server.url()), false);

            assertThat(deserializer.deserialize("official-read", bytes))
                    .isInstanceOfSatisfying(GenericRecord.class, read -> {
                        assertThat(read.get("topic")).hasToString("economy");
                        assertThat(read.get("segment_targets")).hasToString("[statements]");
                    });
        }
    }

    @Test
    void shouldServeTheOfficialClient() throws Exception {
        AvroSchema first = new AvroSchema("{\"type\":\"record\",\"name\":\"O\",\"fields\":[]}");
        AvroSchema second = new AvroSchema(
                "{\"type\":\"record\",\"name\":\"O\",\"fields\":[{\"name\":\"a\",\"type\":\"int\",\"default\":1}]}");
        AvroSchema broken =
                new AvroSchema("{\"type\":\"record\",\"name\":\"O\",\"fields\":[{\"name\":\"b\",\"type\":\"int\"}]}");
        try (CachedSchemaRegistryClient client = new CachedSchemaRegistryClient(server.url(), 10)) {
            int firstId = client.register("official", first);
            int secondId = client.register("official", second);

            assertThat(client.getAllSubjects()).contains("official");
            assertThat(client.getAllVersions("official")).containsExactly(1, 2);
            assertThat(client.getVersion("official", second)).isEqualTo(2);
            assertThat(client.getSchemaById(firstId).canonicalString()).isEqualTo(first.canonicalString());
            SchemaMetadata latest = client.getLatestSchemaMetadata("official");
            assertThat(latest.getId()).isEqualTo(secondId);
            assertThat(latest.getVersion()).isEqualTo(2);
            assertThat(client.testCompatibility("official", first)).isTrue();
            assertThat(client.testCompatibility("official", broken)).isFalse();
            assertThat(client.testCompatibilityVerbose("official", broken))
                    .singleElement()
                    .asString()
                    .contains("field 'b'");
            assertError(409, () -> client.register("official", broken));
            assertThat(client.updateCompatibility("official", "NONE")).isEqualTo("NONE");
            assertThat(client.getCompatibility("official")).isEqualTo("NONE");
            assertThat(client.register("official", broken)).isGreaterThan(secondId);
            assertThat(client.getMode()).isEqualTo("READWRITE");
            assertThat(client.deleteSchemaVersion("official", "3")).isEqualTo(3);
            assertThat(client.deleteSubject("official")).containsExactly(1, 2);
            assertError(40401, () -> client.getLatestSchemaMetadata("official"));
            assertError(40403, () -> client.getSchemaById(987_654));
        }
    }

    private static void assertError(int code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        RestClientException.class,
                        e -> assertThat(e.getErrorCode()).isEqualTo(code));
    }
}
