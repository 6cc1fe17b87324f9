package io.penstock.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
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

    @Test
    void shouldRunOnceForEachOfTwentyAlertsThatAreSentThreeTimesInOneBurst() throws Exception {
        List<String> topics = List.of("burst-one", "burst-two");
        for (String topic : topics) {
            api.create(topic, "notes");
            api.inlineProcessor(
                    topic + "-notes",
                    topic,
                    "notes",
                    new InlineItem("a", "A", "The first boat of " + topic + " came home with a full hold of herring."),
                    new InlineItem("b", "B", "The second boat of " + topic + " lost its nets off the northern cape."),
                    new InlineItem("c", "C", "The third boat of " + topic + " stayed in harbour to mend its mast."));
        }
        String burst = "burst-" + UUID.randomUUID() + "-";
        List<ProducerRecord<String, GenericRecord>> records = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            int alert = i % 20;
            records.add(
                    new ProducerRecord<>("alert", "key " + i, alert(burst + alert, topics.get(alert % 2), "notes")));
        }
        try (KafkaProducer<String, GenericRecord> producer = new KafkaProducer<>(producerConfig())) {
            for (ProducerRecord<String, GenericRecord> record : records) {
                var _ = producer.send(record); // closing sends what is left; a failure shows in the counts
            }
        }

        List<JsonNode> runs = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            runs.add(endedRunOf(burst + i));
        }

        for (JsonNode run : runs) {
            JsonNode counts = run.get("counts");
            assertThat(run.get("state").textValue()).as(run.toString()).isEqualTo("DONE");
            assertThat(counts.get("captured").intValue()).isEqualTo(3);
            assertThat(counts.get("indexed").intValue()
                            + counts.get("unchanged").intValue())
                    .isEqualTo(3);
        }
        Set<String> ids =
                runs.stream().map(run -> run.get("run_id").textValue()).collect(Collectors.toSet());
        assertThat(ids).hasSize(20);
        assertThat(api.entries("runs", ""))
                .filteredOn(entry -> entry.toString().contains(burst))
                .hasSize(20);
        // Not the counts, which are sets: what capture really wrote.
        for (String topic : topics) {
            Map<String, Long> captured = kafka.values("raw." + topic).stream()
                    .collect(Collectors.groupingBy(
                            raw -> raw.get("run_id") + "/" + raw.get("item"), Collectors.counting()));
            assertThat(captured).hasSize(30);
            assertThat(captured.values()).containsOnly(1L);
            assertThat(captured.keySet()).allMatch(key -> ids.contains(key.substring(0, key.indexOf('/'))));
        }
    }

    private void produce(String alertId, String topic, String... segments) throws Exception {
        try (KafkaProducer<String, GenericRecord> producer = new KafkaProducer<>(producerConfig())) {
            producer.send(new ProducerRecord<>("alert", alert(alertId, topic, segments)))
                    .get(30, TimeUnit.SECONDS);
        }
    }

    private Map<String, Object> producerConfig() {
        return Map.of(
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
    }

    private static GenericRecord alert(String alertId, String topic, String... segments) {
        Schema schema = new Schema.Parser().parse(PenstockProcess.text(Path.of("src/main/avro/Alert.avsc")));
        GenericRecord alert = new GenericData.Record(schema);
        alert.put("alert_id", alertId);
        alert.put("topic", topic);
        alert.put("segment_targets", List.of(segments));
        return alert;
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
