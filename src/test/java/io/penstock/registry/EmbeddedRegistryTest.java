package io.penstock.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.penstock.broker.EmbeddedBroker;
import io.penstock.broker.SharedBroker;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.FixedTopics;
import io.penstock.kafka.KafkaProvisioner;
import io.penstock.kafka.KafkaSettings;
import io.penstock.serde.SchemaRegistration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Timeout(90)
@ExtendWith(SharedBroker.class)
class EmbeddedRegistryTest {
    private final KafkaSettings settings;

    EmbeddedRegistryTest(EmbeddedBroker broker) {
        settings = new KafkaSettings(broker.bootstrapServers(), Map.of(), (short) 1);
        try (Admin admin = Admin.create(settings.admin())) {
            new KafkaProvisioner(admin, (short) 1).ensure(List.of(FixedTopics.schemas()));
        }
    }

    @Test
    void shouldGiveOneIdToOneSchemaAndLoadItAgainAfterARestart() {
        Schema schema = schema("Restart", "a");
        int id;
        try (EmbeddedRegistry registry = EmbeddedRegistry.start(settings)) {
            id = registry.register("restart-one", schema);
            assertThat(registry.register("restart-one", schema)).isEqualTo(id);
            assertThat(registry.register("restart-two", schema)).isEqualTo(id);
            assertThat(registry.register("restart-one", schema("Restart", "a", "b")))
                    .isNotEqualTo(id);
            assertThat(registry.schema(id)).isEqualTo(schema);
        }
        try (EmbeddedRegistry registry = EmbeddedRegistry.start(settings)) {
            assertThat(registry.schema(id)).isEqualTo(schema);
            assertThat(registry.register("restart-one", schema)).isEqualTo(id);
            assertThat(numbers(registry, "restart-one")).containsExactly(1, 2);
        }
    }

    @Test
    void shouldAgreeOnIdsWhenTwoInstancesWriteAtOnce() throws Exception {
        try (EmbeddedRegistry one = EmbeddedRegistry.start(settings);
                EmbeddedRegistry two = EmbeddedRegistry.start(settings);
                ExecutorService threads = Executors.newFixedThreadPool(2)) {
            one.setLevel("contended", CompatibilityLevel.NONE);
            List<Callable<List<Integer>>> work =
                    List.of(() -> registerMany(one, "One"), () -> registerMany(two, "Two"));
            List<Integer> ids = new ArrayList<>();
            for (Future<List<Integer>> result : threads.invokeAll(work)) {
                ids.addAll(result.get());
            }
            assertThat(ids).doesNotHaveDuplicates();
            await().untilAsserted(() -> {
                assertThat(numbers(one, "contended")).hasSize(ids.size());
                assertThat(numbers(two, "contended")).isEqualTo(numbers(one, "contended"));
            });
            for (int id : ids) {
                assertThat(one.schema(id)).isEqualTo(two.schema(id));
            }
        }
    }

    @Test
    void shouldRefuseAnIncompatibleSchemaNamingTheField() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.start(settings)) {
            registry.register("strict", schema("Strict", "a"));
            Schema required = SchemaBuilder.record("Strict")
                    .fields()
                    .requiredInt("needed")
                    .endRecord();

            assertThatThrownBy(() -> registry.register("strict", required))
                    .isInstanceOfSatisfying(PenstockException.class, e -> {
                        assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA_INCOMPATIBLE);
                        assertThat(e.detail()).contains("strict", "field 'needed'", "BACKWARD");
                    });
            registry.setLevel("strict", CompatibilityLevel.NONE);
            assertThat(registry.register("strict", required)).isPositive();
        }
    }

    @Test
    void shouldSayThatAnUnknownIdIsUndecodable() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.start(settings)) {
            assertThatThrownBy(() -> registry.schema(987_654))
                    .isInstanceOfSatisfying(
                            PenstockException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.RECORD_UNDECODABLE));
        }
    }

    @Test
    void shouldNumberOnAfterASoftDeletionAndForgetForGoodOnlyThen() {
        int id;
        try (EmbeddedRegistry registry = EmbeddedRegistry.start(settings)) {
            id = registry.register("deleted", schema("Deleted", "a"));
            assertThatThrownBy(() -> registry.deleteSubject("deleted", true)).hasMessageContaining("not deleted first");
            assertThat(registry.deleteSubject("deleted", false)).hasSize(1);
            assertThat(numbers(registry, "deleted")).isEmpty();
            assertThat(registry.schema(id).getName()).isEqualTo("Deleted");
            assertThat(registry.register("deleted", schema("Deleted", "a"))).isEqualTo(id);
            assertThat(numbers(registry, "deleted")).containsExactly(2);
            registry.deleteSubject("deleted", false);
            registry.deleteSubject("deleted", true);
            assertThatThrownBy(() -> registry.schema(id)).isInstanceOf(PenstockException.class);
        }
        try (EmbeddedRegistry registry = EmbeddedRegistry.start(settings)) {
            assertThat(registry.state().versions("deleted", true)).isEmpty();
            assertThatThrownBy(() -> registry.schema(id)).isInstanceOf(PenstockException.class);
        }
    }

    @Test
    void shouldWriteRecordsAsConfluentsRegistryDoes() {
        Schema schema = schema("Format", "a");
        int id;
        try (EmbeddedRegistry registry = EmbeddedRegistry.start(settings)) {
            id = registry.register("format", schema);
            registry.setLevel("format", CompatibilityLevel.FULL);
            registry.deleteSubject("format", false);
        }
        String text = schema.toString().replace("\"", "\\\"");
        assertThat(records("\"format\""))
                .containsExactly(
                        "{\"keytype\":\"SCHEMA\",\"subject\":\"format\",\"version\":1,\"magic\":1}={\"subject\":\"format\","
                                + "\"version\":1,\"id\":" + id + ",\"schema\":\"" + text + "\",\"deleted\":false}",
                        "{\"keytype\":\"CONFIG\",\"subject\":\"format\",\"magic\":0}={\"compatibilityLevel\":\"FULL\"}",
                        "{\"keytype\":\"DELETE_SUBJECT\",\"subject\":\"format\",\"magic\":0}={\"subject\":\"format\","
                                + "\"version\":1}",
                        "{\"keytype\":\"CONFIG\",\"subject\":\"format\",\"magic\":0}=null");
    }

    @Test
    void shouldReadWhatConfluentsRegistryWroteAndPassOverTheRest() throws Exception {
        try (Producer<String, String> producer =
                new KafkaProducer<>(settings.producer(), new StringSerializer(), new StringSerializer())) {
            send(producer, "{\"keytype\":\"NOOP\",\"magic\":0}", null);
            send(producer, "not json", "not json");
            send(
                    producer,
                    "{\"keytype\":\"SCHEMA\",\"subject\":\"foreign\",\"version\":1,\"magic\":1}",
                    "{\"version\":1}");
            send(
                    producer,
                    "{\"keytype\":\"SCHEMA\",\"subject\":\"foreign\",\"version\":4,\"magic\":1}",
                    "{\"subject\":\"foreign\",\"version\":4,\"id\":100021,\"md5\":\"x\",\"schema\":"
                            + "\"{\\\"type\\\": \\\"record\\\", \\\"name\\\": \\\"Foreign\\\", \\\"fields\\\": []}\","
                            + "\"deleted\":false}");
            send(
                    producer,
                    "{\"keytype\":\"CONFIG\",\"subject\":\"foreign\",\"magic\":0}",
                    "{\"subject\":\"foreign\",\"compatibilityLevel\":\"FORWARD\"}");
        }
        try (EmbeddedRegistry registry = EmbeddedRegistry.start(settings)) {
            Schema foreign = SchemaBuilder.record("Foreign").fields().endRecord();
            assertThat(registry.schema(100_021)).isEqualTo(foreign);
            assertThat(registry.register("foreign", foreign)).isEqualTo(100_021);
            assertThat(numbers(registry, "foreign")).containsExactly(4);
            assertThat(registry.levelFor("foreign")).isEqualTo(CompatibilityLevel.FORWARD);
            assertThat(registry.register("after-foreign", schema("AfterForeign")))
                    .isGreaterThan(100_021);
        }
    }

    @Test
    void shouldRegisterEverySubjectOnceAndChangeNothingTheSecondTime() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.start(settings)) {
            SchemaRegistration registration = new SchemaRegistration(registry);
            registration.registerAll();
            registration.registerRaw("economy");
            int before = registry.state().all(true).size();
            registration.registerAll();
            registration.registerRaw("economy");

            assertThat(registry.state().all(true)).hasSize(before);
            assertThat(registry.state().all(false).stream().map(SchemaVersion::subject))
                    .contains("alert-value", "raw.economy-value", "io.penstock.schema.Run", "fence.ack-value");
        }
    }

    private static List<Integer> registerMany(EmbeddedRegistry registry, String name) {
        List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            ids.add(registry.register("contended", schema(name + i, "a")));
        }
        return ids;
    }

    private static List<Integer> numbers(EmbeddedRegistry registry, String subject) {
        return registry.state().versions(subject, false).stream()
                .map(SchemaVersion::version)
                .toList();
    }

    private static Schema schema(String name, String... fields) {
        SchemaBuilder.FieldAssembler<Schema> assembler =
                SchemaBuilder.record(name).fields();
        for (String field : fields) {
            assembler = assembler.optionalString(field);
        }
        return assembler.endRecord();
    }

    private static void send(Producer<String, String> producer, String key, @Nullable String value) throws Exception {
        producer.send(new ProducerRecord<>("_schemas", 0, key, value)).get();
    }

    private List<String> records(String part) {
        TopicPartition partition = new TopicPartition("_schemas", 0);
        List<String> records = new ArrayList<>();
        try (Consumer<String, String> consumer = new KafkaConsumer<>(
                settings.consumer("earliest"), new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> {
                    if (record.key().contains(part)) {
                        records.add(record.key() + "=" + record.value());
                    }
                });
            }
        }
        return records;
    }
}
