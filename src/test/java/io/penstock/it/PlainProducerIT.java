package io.penstock.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.pulsar.kafka.shade.avro.Schema;
import org.apache.pulsar.kafka.shade.avro.generic.GenericData;
import org.apache.pulsar.kafka.shade.avro.generic.GenericRecord;
import org.apache.pulsar.kafka.shade.io.confluent.kafka.serializers.KafkaAvroSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Alerts of other programs: produced straight to Kafka by its own client and Confluent's own serializer, with no class of
 * Penstock.
 */
@Timeout(120)
@ExtendWith(SharedPenstock.class)
class PlainProducerIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String TOPIC = "plain";

    private final PenstockProcess penstock;
    private final Api api;
    private final KafkaReader kafka;

    PlainProducerIT(PenstockProcess penstock) {
        this.penstock = penstock;
        this.api = penstock.api();
        this.kafka = new KafkaReader(penstock);
        if (api.get("/api/processors/plain-notes").status() == 404) {
            api.create(TOPIC, "notes");
            api.inlineProcessor(
                    "plain-notes",
                    TOPIC,
                    "notes",
                    new InlineItem(
                            "one", "Note one", "The ferry to the island leaves at seven in the morning on weekdays."),
                    new InlineItem("two", "Note two", "On Sundays the ferry runs only when the sea is calm enough."));
        }
    }

    @AfterEach
    void close() {
        kafka.close();
    }

    @Test
    void shouldRunForAnAlertOfAPlainProducer() throws Exception {
        String alertId = "plain-" + UUID.randomUUID();

        produce(alertId, TOPIC, "notes");

        JsonNode run = endedRunOf(alertId);
        assertThat(run.get("state").textValue()).isEqualTo("DONE");
        assertThat(run.at("/counts/tasks").intValue()).isEqualTo(2);
        assertThat(run.at("/counts/indexed").intValue()
                        + run.at("/counts/unchanged").intValue())
                .isEqualTo(2);
        assertThat(api.records(TOPIC, "notes")).hasSize(2);
    }

    @Test
    void shouldRejectAnAlertForAnUnknownTopic() throws Exception {
        String alertId = "plain-" + UUID.randomUUID();

        produce(alertId, "nowhere", "notes");

        GenericRecord rejection = Awaitility.await("the alert is rejected")
                .atMost(PATIENCE)
                .until(
                        () -> kafka.values("alert.rejected").stream()
                                .filter(value -> alertId.equals(String.valueOf(value.get("alert_id"))))
                                .findFirst()
                                .orElse(null),
                        found -> found != null);
        assertThat(String.valueOf(rejection.get("code"))).isEqualTo("topic.unknown");
        assertThat(String.valueOf(rejection.get("topic"))).isEqualTo("nowhere");
        assertThat(String.valueOf(rejection.get("reason"))).contains("nowhere");
    }

    @Test
    void shouldCollectTheKnownSegmentsAndRejectTheUnknownOnes() throws Exception {
        String alertId = "plain-" + UUID.randomUUID();

        produce(alertId, TOPIC, "notes", "rumours");

        assertThat(endedRunOf(alertId).get("state").textValue()).isEqualTo("DONE");
        Awaitility.await("the unknown segment is rejected")
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(kafka.values("alert.rejected"))
                        .filteredOn(value -> alertId.equals(String.valueOf(value.get("alert_id"))))
                        .singleElement()
                        .satisfies(value -> {
                            assertThat(String.valueOf(value.get("code"))).isEqualTo("segment.unknown");
                            assertThat(String.valueOf(value.get("segment_targets")))
                                    .isEqualTo("[rumours]");
                        }));
    }

    @Test
    void shouldDeadLetterWhatIsNotAvroAndLiveOn() throws Exception {
        byte[] poison = ("not avro " + UUID.randomUUID()).getBytes(UTF_8);
        Map<String, Object> config = Map.of("bootstrap.servers", penstock.bootstrapServers());
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>("alert", poison)).get(30, TimeUnit.SECONDS);
        }

        ConsumerRecord<byte[], byte[]> letter = Awaitility.await("the poisoned record is dead-lettered")
                .atMost(PATIENCE)
                .until(
                        () -> kafka.committed("dead-letter.alert-fanout").stream()
                                .filter(found -> java.util.Arrays.equals(found.value(), poison))
                                .findFirst()
                                .orElse(null),
                        found -> found != null);
        assertThat(KafkaReader.header(letter, "penstock-error-code")).isEqualTo("record.undecodable");
        assertThat(KafkaReader.header(letter, "penstock-error-topic")).isEqualTo("alert");
        assertThat(KafkaReader.header(letter, "penstock-error-offset")).matches("[0-9]+");
        assertThat(KafkaReader.header(letter, "penstock-error-message")).isNotBlank();

        String alertId = "plain-" + UUID.randomUUID();
        produce(alertId, TOPIC, "notes");
        assertThat(endedRunOf(alertId).get("state").textValue()).isEqualTo("DONE");
        for (JsonNode topology : api.get("/api/topologies").body().get("topologies")) {
            assertThat(topology.get("restarts").intValue())
                    .as(topology.get("name").textValue())
                    .isZero();
        }
    }

    private void produce(String alertId, String topic, String... segments) throws Exception {
        Map<String, Object> config = Map.of(
                "bootstrap.servers",
                penstock.bootstrapServers(),
                "key.serializer",
                StringSerializer.class,
                "value.serializer",
                KafkaAvroSerializer.class,
                "schema.registry.url",
                api.url() + "/registry",
                "basic.auth.credentials.source",
                "USER_INFO",
                "basic.auth.user.info",
                "any:" + api.key());
        Schema schema = new Schema.Parser().parse(PenstockProcess.text(Path.of("src/main/avro/Alert.avsc")));
        GenericRecord alert = new GenericData.Record(schema);
        alert.put("alert_id", alertId);
        alert.put("topic", topic);
        alert.put("segment_targets", List.of(segments));
        try (KafkaProducer<String, GenericRecord> producer = new KafkaProducer<>(config)) {
            producer.send(new ProducerRecord<>("alert", alert)).get(30, TimeUnit.SECONDS);
        }
    }

    private JsonNode endedRunOf(String alertId) {
        String runId = Awaitility.await("the alert sets off a run")
                .atMost(PATIENCE)
                .until(
                        () -> api.get("/api/runs?alert_id=" + alertId)
                                .body()
                                .at("/runs/0/run_id")
                                .asText(),
                        found -> !found.isEmpty());
        return api.ended(runId);
    }
}
