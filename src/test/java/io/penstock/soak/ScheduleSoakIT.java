package io.penstock.soak;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.bench.BrokerProgram;
import io.penstock.bench.MeasuredProcess;
import io.penstock.kafka.Topics;
import io.penstock.schedule.ScheduleTopology;
import io.penstock.schema.Alert;
import io.penstock.schema.CollectTarget;
import io.penstock.schema.ScheduleEntry;
import io.penstock.serde.AvroSerdes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Two instances have a schedule of every two seconds, and the one that fires it is killed in the middle. In the regular run for some
 * seconds; {@code ./penstock soak schedule} takes a minute and prints what is written to {@code target/soak/schedule.json}.
 */
@Timeout(600)
class ScheduleSoakIT {
    private static final Duration LENGTH = Duration.ofSeconds(Integer.getInteger("penstock.soak.schedule.seconds", 18));
    private static final Duration PERIOD = Duration.ofSeconds(2);
    private static final List<String> STARTS_FAST = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

    private final AvroSerdes serdes = ScheduleProgram.serdes();

    @Test
    void shouldFireNoDueTimeTwiceAndCollapseWhatWasMissedWhenOneOfTwoInstancesIsKilled() throws Exception {
        Path folder = Files.createTempDirectory(Files.createDirectories(Path.of("target", "soak-schedule")), "run-")
                .toAbsolutePath();
        List<ConsumerRecord<byte[], byte[]>> fired = new ArrayList<>();
        try (MeasuredProcess broker = MeasuredProcess.program(
                BrokerProgram.class,
                folder.resolve("broker.txt"),
                folder.resolve("broker").toString())) {
            String bootstrapServers = broker.answer();
            createTopics(bootstrapServers);
            try (MeasuredProcess one = instance(folder.resolve("one"), bootstrapServers);
                    MeasuredProcess other = instance(folder.resolve("other"), bootstrapServers);
                    Consumer<byte[], byte[]> alerts = alerts(bootstrapServers)) {
                Awaitility.await("one of them fires")
                        .atMost(Duration.ofSeconds(60))
                        .until(() -> owns(one) || owns(other));
                send(bootstrapServers);
                Instant begin = Instant.now();
                read(alerts, fired, begin.plus(LENGTH.dividedBy(3)));
                (owns(one) ? one : other).kill();
                read(alerts, fired, begin.plus(LENGTH));
            }
        }

        List<Instant> due = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : fired) {
            Alert alert = serdes.codec(Alert.class).decode(record.value());
            String id = String.valueOf(alert.getAlertId());
            assertThat(id).startsWith("soak@").isEqualTo(new String(record.key(), UTF_8));
            due.add(Instant.parse(id.substring("soak@".length())));
        }
        int doubled = due.size() - new HashSet<>(due).size();
        long missed = 0;
        for (int i = 1; i < due.size(); i++) {
            Duration gap = Duration.between(due.get(i - 1), due.get(i));
            assertThat(gap.toMillis() % PERIOD.toMillis()).as("%s", due).isZero();
            assertThat(gap).as("%s", due).isPositive();
            missed += gap.dividedBy(PERIOD) - 1;
        }
        write(due.size(), missed, doubled);
        assertThat(doubled).isZero();
        assertThat(missed).as("due while nobody fired: %s", due).isPositive();
        assertThat(due.size() + missed).isGreaterThanOrEqualTo(LENGTH.dividedBy(PERIOD) - 1);
    }

    private static MeasuredProcess instance(Path folder, String bootstrapServers) throws Exception {
        Files.createDirectories(folder);
        return MeasuredProcess.program(
                ScheduleProgram.class, folder.resolve("log.txt"), STARTS_FAST, bootstrapServers, folder.toString());
    }

    private static boolean owns(MeasuredProcess instance) throws Exception {
        return Boolean.parseBoolean(instance.ask("owns"));
    }

    private static void createTopics(String bootstrapServers) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            admin.createTopics(List.of(
                            topic(Topics.SCHEDULE),
                            topic(Topics.ALERT),
                            topic(Topics.deadLetter(ScheduleTopology.NAME))))
                    .all()
                    .get();
        }
    }

    private static NewTopic topic(String name) {
        return new NewTopic(name, Optional.of(1), Optional.empty());
    }

    private void send(String bootstrapServers) throws Exception {
        ScheduleEntry entry = ScheduleEntry.newBuilder()
                .setId("soak")
                .setSchedule(PERIOD.toString())
                .setTargets(List.of(new CollectTarget("penstock", List.of("docs"))))
                .build();
        try (Producer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers), new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(
                            Topics.SCHEDULE,
                            "soak".getBytes(UTF_8),
                            serdes.codec(ScheduleEntry.class).encode(Topics.SCHEDULE, entry)))
                    .get();
        }
    }

    private static Consumer<byte[], byte[]> alerts(String bootstrapServers) {
        Consumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrapServers,
                        "isolation.level",
                        "read_committed",
                        "auto.offset.reset",
                        "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        consumer.assign(List.of(new TopicPartition(Topics.ALERT, 0)));
        return consumer;
    }

    private static void read(
            Consumer<byte[], byte[]> alerts, List<ConsumerRecord<byte[], byte[]>> fired, Instant until) {
        while (Instant.now().isBefore(until)) {
            alerts.poll(Duration.ofMillis(200)).forEach(fired::add);
        }
    }

    private static void write(int fired, long missed, int doubled) throws Exception {
        ObjectNode summary = new JsonMapper()
                .createObjectNode()
                .put("kills", 1)
                .put("fired", fired)
                .put("missed", missed)
                .put("doubled", doubled)
                .put("seconds", LENGTH.toSeconds());
        System.out.println(summary);
        Files.createDirectories(Path.of("target", "soak"));
        Files.writeString(Path.of("target", "soak", "schedule.json"), summary + "\n", UTF_8);
    }
}
