package io.penstock.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.broker.EmbeddedBroker;
import io.penstock.broker.SharedBroker;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schema.Alert;
import io.penstock.schema.Inference;
import io.penstock.schema.LabelScore;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.RemoteRegistry;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.pulsar.kafka.shade.avro.Schema;
import org.apache.pulsar.kafka.shade.avro.generic.GenericData;
import org.apache.pulsar.kafka.shade.avro.generic.GenericRecord;
import org.apache.pulsar.kafka.shade.io.confluent.kafka.schemaregistry.avro.AvroSchema;
import org.apache.pulsar.kafka.shade.io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import org.apache.pulsar.kafka.shade.io.confluent.kafka.schemaregistry.client.rest.entities.SchemaReference;
import org.apache.pulsar.kafka.shade.io.confluent.kafka.serializers.KafkaAvroDeserializer;
import org.apache.pulsar.kafka.shade.io.confluent.kafka.serializers.KafkaAvroSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Bytes that Confluent's own serializer and deserializer exchange with ours: with references, evolved, and plugged in. */
@Timeout(60)
@ExtendWith(SharedBroker.class)
class OfficialSerializersTest {
    private static final String ALERT = Alert.getClassSchema().toString();
    private static final String NEWER =
            ALERT.replace("\"fields\":[", "\"fields\":[{\"name\":\"priority\",\"type\":\"int\",\"default\":3},");
    private static final String OLDER = "{\"type\":\"record\",\"namespace\":\"io.penstock.schema\",\"name\":\"Alert\","
            + "\"fields\":[{\"name\":\"gone\",\"type\":\"string\",\"default\":\"\"},{\"name\":\"topic\",\"type\":\"string\"}]}";

    private final EmbeddedRegistry engine;
    private final RegistryServer server;

    OfficialSerializersTest(EmbeddedBroker broker) {
        engine = EmbeddedRegistry.start(RegistryFixture.settings(broker));
        server = new RegistryServer(engine);
    }

    @AfterEach
    void stop() {
        server.close();
        engine.close();
    }

    @Test
    void shouldReadWhatWasWrittenWithReferences() throws Exception {
        Map<String, String> texts = new HashMap<>();
        Schema.Parser parser = new Schema.Parser();
        for (String name : List.of("LabelScore", "Quality", "Fence")) {
            texts.put("io.penstock.schema." + name, avsc(name));
            parser.parse(avsc(name));
        }
        Schema schema = parser.parse(avsc("Inference"));
        try (KafkaAvroSerializer serializer = serializer("use.latest.version", "true");
                KafkaAvroDeserializer deserializer = deserializer();
                RemoteRegistry remote = new RemoteRegistry(config())) {
            CachedSchemaRegistryClient client = new CachedSchemaRegistryClient(server.url(), 10);
            for (Map.Entry<String, String> each : texts.entrySet()) {
                client.register(each.getKey(), new AvroSchema(each.getValue()));
            }
            List<SchemaReference> references = texts.keySet().stream()
                    .map(name -> new SchemaReference(name, name, 1))
                    .toList();
            int id = client.register("referring-value", new AvroSchema(avsc("Inference"), references, texts, null));

            byte[] bytes = serializer.serialize("referring", inference(schema));

            assertThat(ByteBuffer.wrap(bytes, 1, 4).getInt()).isEqualTo(id);
            for (AvroSerdes serdes : List.of(new AvroSerdes(engine), new AvroSerdes(remote))) {
                Inference read = serdes.codec(Inference.class).decode(bytes);
                assertThat(read.getText()).isEqualTo("text");
                assertThat(read.getLabels())
                        .containsExactly(LabelScore.newBuilder()
                                .setName("easing")
                                .setScore(0.5)
                                .build());
            }
            assertThat(((GenericRecord) deserializer.deserialize("referring", bytes)).get("text"))
                    .hasToString("text");
        }
    }

    @Test
    void shouldReadWhatNewerAndOlderProgramsWrote() {
        engine.setLevel("evolving-value", CompatibilityLevel.NONE);
        AvroCodec<Alert> codec = new AvroSerdes(engine).codec(Alert.class);
        try (KafkaAvroSerializer serializer = serializer("auto.register.schemas", "true")) {
            GenericRecord newer = new GenericData.Record(new Schema.Parser().parse(NEWER));
            newer.put("priority", 9);
            newer.put("topic", "newer");
            newer.put("segment_targets", List.of("a"));
            GenericRecord older = new GenericData.Record(new Schema.Parser().parse(OLDER));
            older.put("gone", "x");
            older.put("topic", "older");

            assertThat(codec.decode(serializer.serialize("evolving", newer)).getTopic())
                    .isEqualTo("newer");
            Alert read = codec.decode(serializer.serialize("evolving", older));
            assertThat(read.getTopic()).isEqualTo("older");
            assertThat(read.getSegmentTargets()).isEmpty();
        }
    }

    @Test
    void shouldBeReadByNewerAndOlderPrograms() {
        byte[] bytes = new AvroSerdes(engine).codec(Alert.class).encode("evolved", alert());
        try (KafkaAvroDeserializer deserializer = deserializer()) {
            GenericRecord newer =
                    (GenericRecord) deserializer.deserialize("evolved", bytes, new Schema.Parser().parse(NEWER));
            GenericRecord older =
                    (GenericRecord) deserializer.deserialize("evolved", bytes, new Schema.Parser().parse(OLDER));

            assertThat(newer.get("priority")).isEqualTo(3);
            assertThat(newer.get("topic")).hasToString("economy");
            assertThat(older.get("topic")).hasToString("economy");
        }
    }

    @Test
    void shouldServeTheOfficialSerializersByClassName() {
        engine.register("plugged-value", Alert.getClassSchema());
        AvroCodec<Alert> plugged =
                AvroSerdes.of(OfficialSerde.class.getName(), config()).codec(Alert.class);
        AvroCodec<Alert> ours = new AvroSerdes(engine).codec(Alert.class);

        byte[] bytes = plugged.encode("plugged", alert());
        assertThat(bytes).isEqualTo(ours.encode("plugged", alert()));
        assertThat(plugged.decode(bytes)).isEqualTo(alert());
    }

    @Test
    void shouldTellFaultsOfRecordsFromThoseOfTheRegistryWithTheOfficialSerializers() {
        engine.register("faulty-value", Alert.getClassSchema());
        AvroCodec<Alert> plugged =
                AvroSerdes.of(OfficialSerde.class.getName(), config()).codec(Alert.class);
        byte[] bytes = plugged.encode("faulty", alert());
        byte[] unknown = ByteBuffer.wrap(bytes.clone()).putInt(1, 987_654).array();

        assertThat(plugged.decode(bytes)).isEqualTo(alert());
        assertCode(ErrorCode.RECORD_UNDECODABLE, () -> plugged.decode(unknown));
        assertCode(ErrorCode.RECORD_UNDECODABLE, () -> plugged.decode(new byte[] {1, 2, 3}));
        server.fail(3);
        assertCode(
                ErrorCode.NOT_READY,
                () -> plugged.decode(
                        ByteBuffer.wrap(bytes.clone()).putInt(1, 987_655).array()));
        server.close();
        assertCode(ErrorCode.NOT_READY, () -> plugged.decode(unknown));
        assertCode(ErrorCode.NOT_READY, () -> plugged.encode("other", alert()));
        assertThat(plugged.decode(bytes)).isEqualTo(alert());
    }

    private static void assertCode(ErrorCode code, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private static Alert alert() {
        return Alert.newBuilder()
                .setTopic("economy")
                .setSegmentTargets(List.of("statements"))
                .build();
    }

    private static GenericRecord inference(Schema schema) {
        GenericRecord label =
                new GenericData.Record(schema.getField("labels").schema().getElementType());
        label.put("name", "easing");
        label.put("score", 0.5);
        GenericRecord record = new GenericData.Record(schema);
        schema.getFields()
                .forEach(field -> record.put(
                        field.pos(), field.hasDefaultValue() ? GenericData.get().getDefaultValue(field) : null));
        record.put("text", "text");
        record.put("labels", List.of(label));
        return record;
    }

    private static String avsc(String name) throws Exception {
        return Files.readString(Path.of("src", "main", "avro", name + ".avsc"));
    }

    private Map<String, String> config() {
        return Map.of("schema.registry.url", server.url());
    }

    private KafkaAvroSerializer serializer(String setting, String value) {
        KafkaAvroSerializer serializer = new KafkaAvroSerializer();
        Map<String, String> config = new HashMap<>(config());
        config.put("auto.register.schemas", "false");
        config.put("latest.compatibility.strict", "false");
        config.put(setting, value);
        serializer.configure(config, false);
        return serializer;
    }

    private KafkaAvroDeserializer deserializer() {
        KafkaAvroDeserializer deserializer = new KafkaAvroDeserializer();
        deserializer.configure(config(), false);
        return deserializer;
    }
}
