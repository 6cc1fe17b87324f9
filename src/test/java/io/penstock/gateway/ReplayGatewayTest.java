package io.penstock.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.penstock.broker.EmbeddedBroker;
import io.penstock.broker.SharedBroker;
import io.penstock.deadletter.DeadLetter;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.gateway.ReplayGateway.Outcome;
import io.penstock.gateway.ReplayGateway.Page;
import io.penstock.gateway.ReplayGateway.Replayed;
import io.penstock.gateway.ReplayGateway.Wanted;
import io.penstock.kafka.KafkaProvisioner;
import io.penstock.kafka.KafkaSettings;
import io.penstock.kafka.TopicSpec;
import io.penstock.kafka.Topics;
import io.penstock.schema.CaptureTask;
import io.penstock.schema.DataEntry;
import io.penstock.schema.Fence;
import io.penstock.schema.Inference;
import io.penstock.schema.Quality;
import io.penstock.schema.RawRecord;
import io.penstock.schema.ReplayedLetters;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.MemoryRegistry;
import io.penstock.table.ChangeSignal;
import io.penstock.table.GlobalTable;
import io.penstock.table.GlobalTableNode;
import io.penstock.table.PatientStore;
import io.penstock.table.TableWriter;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Timeout(120)
@ExtendWith(SharedBroker.class)
class ReplayGatewayTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Instant CAPTURED = Instant.parse("2026-05-01T10:00:00Z");
    private static final TopicPartition TASKS = new TopicPartition(Topics.CAPTURE_TASK, 2);

    /** Each test has dead letters of its own. */
    private final String topology = "replay-" + UUID.randomUUID();

    private final KafkaSettings kafka;
    private final AvroSerdes serdes = new AvroSerdes(new MemoryRegistry());
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final KafkaProducer<byte[], byte[]> producer;
    private final Consumer<byte[], byte[]> reader;
    private long before;
    private Optional<Inference> newest = Optional.empty();

    ReplayGatewayTest(EmbeddedBroker broker) {
        kafka = new KafkaSettings(broker.bootstrapServers(), Map.of(), (short) 1);
        producer = new KafkaProducer<>(kafka.producer(), new ByteArraySerializer(), new ByteArraySerializer());
        reader = consumer();
    }

    @BeforeEach
    void createTopics() {
        try (Admin admin = Admin.create(kafka.admin())) {
            new KafkaProvisioner(admin, (short) 1)
                    .ensure(List.of(
                            TopicSpec.keptSinceWritten(Topics.deadLetter(topology), 1, Duration.ofDays(1)),
                            TopicSpec.kept(Topics.CAPTURE_TASK, 4, Duration.ofDays(7)),
                            TopicSpec.kept(Topics.raw("economy"), 4, Duration.ofDays(7)),
                            TopicSpec.compacted(Topics.REPLAYED, 1, Duration.ofDays(7))));
        }
        reader.assign(List.of(TASKS));
        reader.seekToEnd(List.of(TASKS));
        before = reader.position(TASKS);
    }

    @AfterEach
    void stop() throws Exception {
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
        producer.close();
        reader.close();
    }

    @Test
    void shouldSendWhatIsWantedToWhereItCameFromAndOnlyOnce() throws Exception {
        for (int i = 0; i < 6; i++) {
            letter("task-" + i, task("life").build(), i % 2 == 0 ? "capture.timeout" : "capture.refused");
        }
        ReplayGateway gateway = gateway();

        assertThat(outcomes(gateway.page(wanted("capture.timeout", 10, null), true)))
                .containsExactly(Outcome.REPLAYED, Outcome.REPLAYED, Outcome.REPLAYED);
        assertThat(sent()).as("a dry run sends nothing").isEmpty();
        Page page = gateway.page(wanted("capture.timeout", 10, null), false);
        assertThat(page.next()).isNull();
        assertThat(page.letters())
                .extracting(Replayed::offset, Replayed::sourceTopic, Replayed::sourcePartition, Replayed::outcome)
                .containsExactly(
                        tuple(0L, Topics.CAPTURE_TASK, 2, Outcome.REPLAYED),
                        tuple(2L, Topics.CAPTURE_TASK, 2, Outcome.REPLAYED),
                        tuple(4L, Topics.CAPTURE_TASK, 2, Outcome.REPLAYED));

        assertThat(outcomes(gateway.page(wanted("capture.timeout", 10, null), false)))
                .containsOnly(Outcome.ALREADY_REPLAYED);
        assertThat(gateway.one(topology, 0, 2, false).outcome()).isEqualTo(Outcome.ALREADY_REPLAYED);
        assertThat(gateway.one(topology, 0, 3, false).outcome()).isEqualTo(Outcome.REPLAYED);
        List<ConsumerRecord<byte[], byte[]>> sent = sent();
        assertThat(sent).extracting(ReplayGatewayTest::key).containsExactly("task-0", "task-2", "task-4", "task-3");
        assertThat(sent).allSatisfy(record -> {
            assertThat(record.value()).isEqualTo(bytes(task("life").build()));
            assertThat(record.headers()).extracting(Header::key).containsExactly("theirs");
        });
        TopicPartition letters = new TopicPartition(Topics.deadLetter(topology), 0);
        assertThat(List.of(0L, 1L, 2L, 3L, 4L, 5L))
                .filteredOn(offset -> gateway.isReplayed(letters, offset))
                .containsExactly(0L, 2L, 3L, 4L);
    }

    @Test
    void shouldNotCountLettersThatComeWhileItGoesOn() throws Exception {
        for (int i = 0; i < 5; i++) {
            letter("task-" + i, task("life").build(), "capture.timeout");
        }
        ReplayGateway gateway = gateway();
        List<Long> seen = new ArrayList<>();
        String after = null;
        do {
            Page page = gateway.page(wanted(null, 2, after), false);
            page.letters().forEach(letter -> seen.add(letter.offset()));
            letter("failed again", task("life").build(), "capture.timeout");
            after = page.next();
        } while (after != null);

        assertThat(seen).containsExactly(0L, 1L, 2L, 3L, 4L);
    }

    @Test
    void shouldSendEachOnceWhenInstancesReplayAtTheSameTimeAndOneFailsBeforeItHasCommitted() throws Exception {
        for (int i = 0; i < 120; i++) {
            letter("task-" + i, task("life").build(), "capture.timeout");
        }
        List<ReplayGateway> gateways = List.of(gateway(1), gateway(0));
        AtomicInteger replayed = new AtomicInteger();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (ReplayGateway gateway : gateways) {
                running.add(executor.submit(() -> {
                    String after = null;
                    do {
                        Page page = gateway.page(wanted(null, 25, after), false);
                        replayed.addAndGet((int) outcomes(page).stream()
                                .filter(Outcome.REPLAYED::equals)
                                .count());
                        after = page.next();
                    } while (after != null);
                }));
            }
            for (Future<?> one : running) {
                one.get();
            }
        }

        assertThat(replayed).hasValue(120);
        assertThat(sent()).hasSize(120).extracting(ReplayGatewayTest::key).doesNotHaveDuplicates();
        // A gateway that starts later knows of all of them, from what is kept.
        assertThat(outcomes(gateway().page(wanted(null, 500, null), false)))
                .hasSize(120)
                .containsOnly(Outcome.ALREADY_REPLAYED);
    }

    @Test
    void shouldNotTakeAMarkOfAnInstanceThatSawMoreForOneOfAnotherTopic() throws Exception {
        letter("task-0", task("life").build(), "capture.timeout");
        ReplayGateway other = gateway();
        AtomicInteger asked = new AtomicInteger();
        Supplier<Consumer<byte[], byte[]>> overtaken = () ->
                new KafkaConsumer<>(
                        kafka.consumer("earliest"), new ByteArrayDeserializer(), new ByteArrayDeserializer()) {
                    @Override
                    public Map<TopicPartition, Long> endOffsets(
                            Collection<TopicPartition> partitions, Duration timeout) {
                        Map<TopicPartition, Long> ends = super.endOffsets(partitions, timeout);
                        if (asked.incrementAndGet() == 2) { // the first time is that of the page
                            letter("task-1", task("life").build(), "capture.timeout");
                            assertThat(outcomes(other.page(wanted(null, 10, null), false)))
                                    .containsExactly(Outcome.REPLAYED, Outcome.REPLAYED);
                        }
                        return ends;
                    }
                };

        assertThat(outcomes(gateway(0, overtaken).page(wanted(null, 10, null), false)))
                .containsExactly(Outcome.ALREADY_REPLAYED);
        assertThat(sent()).extracting(ReplayGatewayTest::key).containsExactly("task-0", "task-1");
    }

    @Test
    void shouldSayWhyItSendsNothing() throws Exception {
        RawRecord raw = RawRecord.newBuilder()
                .setProcessor("p")
                .setSegment("news")
                .setItem("a")
                .setContent(ByteBuffer.allocate(0))
                .setCapturedAt(CAPTURED)
                .build();
        newest = Optional.of(inference(CAPTURED.plusSeconds(1)));
        letter("ended", task("an earlier life").build(), "capture.timeout");
        letter(
                "fence",
                CaptureTask.newBuilder()
                        .setFence(Fence.newBuilder()
                                .setFenceId("f")
                                .setTopic("economy")
                                .setRequestedAt(CAPTURED)
                                .build())
                        .build(),
                "internal");
        letter("old", Topics.raw("economy"), 1, serdes.codec(RawRecord.class).encode(Topics.raw("economy"), raw));
        letter("gone", Topics.raw("history"), 1, new byte[] {1});
        letter("inner", "penstock-alert-fanout-by-id-repartition", 0, new byte[] {1});
        letter("state", Topics.CHUNK, 0, new byte[] {1});
        letter("narrower", Topics.CAPTURE_TASK, 4, new byte[] {1});
        letter("unknown", "", -1, new byte[] {1});
        letter("large", Topics.CAPTURE_TASK, 2, null);
        ReplayGateway gateway = gateway();

        assertThat(gateway.page(wanted(null, 20, null), false).letters())
                .allSatisfy(letter -> assertThat(letter.outcome()).isEqualTo(Outcome.REFUSED))
                .extracting(Replayed::code)
                .containsExactly(
                        ErrorCode.TOPIC_DELETED,
                        ErrorCode.REPLAY_REFUSED,
                        ErrorCode.REPLAY_SUPERSEDED,
                        ErrorCode.TOPIC_DELETED,
                        ErrorCode.REPLAY_REFUSED,
                        ErrorCode.REPLAY_REFUSED,
                        ErrorCode.REPLAY_REFUSED,
                        ErrorCode.REPLAY_REFUSED,
                        ErrorCode.REPLAY_REFUSED);
        assertThat(sent()).isEmpty();
        assertRefused(() -> gateway.one(topology, 0, 0, false), ErrorCode.TOPIC_DELETED);
        assertRefused(() -> gateway.one(topology, 0, 99, false), ErrorCode.DEAD_LETTER_UNKNOWN);
        assertRefused(() -> gateway.one(topology, 7, 0, false), ErrorCode.DEAD_LETTER_UNKNOWN);
        assertRefused(() -> gateway.one("nobody", 0, 0, false), ErrorCode.TOPOLOGY_UNKNOWN);
        assertRefused(() -> gateway.page(wanted(null, 20, "0:x"), false), ErrorCode.PARAMETER_INVALID);
        newest = Optional.of(inference(CAPTURED));
        assertThat(gateway.one(topology, 0, 2, true).outcome()).isEqualTo(Outcome.REPLAYED);
    }

    @Test
    void shouldRefuseATaskWhoseItemWasCapturedSinceItFailed() throws Exception {
        letter("task-0", task("life").build(), "capture.timeout");
        ReplayGateway gateway = gateway();

        newest = Optional.of(inference(Instant.now().plusSeconds(60)));
        assertRefused(() -> gateway.one(topology, 0, 0, false), ErrorCode.REPLAY_SUPERSEDED);
        assertThat(outcomes(gateway.page(wanted(null, 10, null), false))).containsExactly(Outcome.REFUSED);
        assertThat(sent()).isEmpty();

        newest = Optional.of(inference(Instant.now().minusSeconds(60)));
        assertThat(gateway.one(topology, 0, 0, false).outcome()).isEqualTo(Outcome.REPLAYED);
    }

    @Test
    void shouldSendWhatCannotBeDecodedForItMayBeByNow() throws Exception {
        letter("odd", Topics.CAPTURE_TASK, 2, "nonsense".getBytes(UTF_8));

        assertThat(gateway().one(topology, 0, 0, false).outcome()).isEqualTo(Outcome.REPLAYED);
        assertThat(sent())
                .singleElement()
                .satisfies(record -> assertThat(record.value()).isEqualTo("nonsense".getBytes(UTF_8)));
    }

    private static void assertRefused(Runnable call, ErrorCode code) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private ReplayGateway gateway() {
        return gateway(0);
    }

    /** An instance of its own. Its first commits fail before Kafka hears of them. */
    private ReplayGateway gateway(int failures) {
        return gateway(failures, this::consumer);
    }

    private ReplayGateway gateway(int failures, Supplier<Consumer<byte[], byte[]>> consumers) {
        ChangeSignal changes = new ChangeSignal();
        KafkaStreams streams = streams(changes);
        streams.start();
        opened.push(() -> streams.close(PATIENCE));
        AvroCodec<ReplayedLetters> codec = serdes.codec(ReplayedLetters.class);
        GlobalTable<ReplayedLetters> table = new GlobalTable<>(
                Topics.REPLAYED, codec, new PatientStore(() -> Optional.of(streams), Topics.REPLAYED, PATIENCE));
        AtomicInteger left = new AtomicInteger(failures);
        TableWriter<ReplayedLetters> writer = new TableWriter<>(
                Topics.REPLAYED,
                codec,
                id -> {
                    Map<String, Object> config = new HashMap<>(kafka.producer());
                    config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, id);
                    return new FailingProducer(config, left);
                },
                table,
                changes);
        opened.push(writer);
        return Gateways.replays(consumers, table, writer, new EconomyNews(), id -> newest, serdes, Set.of(topology));
    }

    /** Dies, so to say, between the records and the commit. The mark of a beginning passes. */
    private static final class FailingProducer extends KafkaProducer<byte[], byte[]> {
        private final AtomicInteger failures;
        private int sent;

        FailingProducer(Map<String, Object> config, AtomicInteger failures) {
            super(config, new ByteArraySerializer(), new ByteArraySerializer());
            this.failures = failures;
        }

        @Override
        public Future<org.apache.kafka.clients.producer.RecordMetadata> send(ProducerRecord<byte[], byte[]> record) {
            sent++;
            return super.send(record);
        }

        @Override
        public void commitTransaction() {
            if (sent > 2 && failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                flush();
                throw new KafkaException("the process ended here");
            }
            super.commitTransaction();
            sent = 0;
        }
    }

    private KafkaStreams streams(ChangeSignal changes) {
        Topology topologyOfMarks = new Topology();
        GlobalTableNode.add(topologyOfMarks, Topics.REPLAYED, changes);
        Properties properties = new Properties();
        properties.putAll(kafka.streams());
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "replay-test");
        properties.put(
                StreamsConfig.STATE_DIR_CONFIG,
                SharedBroker.newFolder().toAbsolutePath().toString());
        return new KafkaStreams(topologyOfMarks, properties);
    }

    private Consumer<byte[], byte[]> consumer() {
        return new KafkaConsumer<>(
                kafka.consumer("earliest"), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private Wanted wanted(@Nullable String code, int limit, @Nullable String after) {
        return new Wanted(topology, code, null, null, null, null, after, limit);
    }

    private static List<Outcome> outcomes(Page page) {
        return page.letters().stream().map(Replayed::outcome).toList();
    }

    private void letter(String key, CaptureTask value, String code) {
        letter(key, Topics.CAPTURE_TASK, 2, bytes(value), code);
    }

    private void letter(String key, String topic, int partition, byte @Nullable [] value) {
        letter(key, topic, partition, value, "record.invalid");
    }

    private void letter(String key, String topic, int partition, byte @Nullable [] value, String code) {
        RecordHeaders headers = new RecordHeaders();
        headers.add("theirs", "kept".getBytes(UTF_8));
        var letter = new DeadLetter(code, "It did not work.", "stage", topic, partition, 40, 2)
                .record(key.getBytes(UTF_8), value, 5, headers);
        var _ = producer.send(
                new ProducerRecord<>(Topics.deadLetter(topology), 0, letter.key(), letter.value(), letter.headers()));
        producer.flush();
    }

    private static CaptureTask.Builder task(String incarnation) {
        return CaptureTask.newBuilder()
                .setRunId("run")
                .setTopic("economy")
                .setSegment("news")
                .setProcessor("p")
                .setIncarnation(incarnation)
                .setEntry(DataEntry.newBuilder().setValue("a").setLabel("A").build());
    }

    private byte[] bytes(CaptureTask task) {
        return serdes.codec(CaptureTask.class).encode(Topics.CAPTURE_TASK, task);
    }

    private static Inference inference(Instant capturedAt) {
        return Inference.newBuilder()
                .setTopic("economy")
                .setSegment("news")
                .setProcessor("p")
                .setItem("a")
                .setCapturedAt(capturedAt)
                .setText("")
                .setQuality(new Quality(0, 0.0))
                .build();
    }

    /** What readers of committed records find on the source topic since the start of the test. */
    private List<ConsumerRecord<byte[], byte[]>> sent() {
        reader.seek(TASKS, before);
        long end = reader.endOffsets(List.of(TASKS)).getOrDefault(TASKS, 0L);
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        while (reader.position(TASKS) < end) {
            reader.poll(Duration.ofMillis(100)).forEach(records::add);
        }
        return records;
    }

    private static String key(ConsumerRecord<byte[], byte[]> record) {
        return new String(record.key(), UTF_8);
    }
}
