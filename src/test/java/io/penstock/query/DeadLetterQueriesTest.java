package io.penstock.query;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.broker.EmbeddedBroker;
import io.penstock.broker.SharedBroker;
import io.penstock.deadletter.DeadLetter;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.FixedTopics;
import io.penstock.kafka.KafkaProvisioner;
import io.penstock.kafka.KafkaSettings;
import io.penstock.kafka.TopicSpec;
import io.penstock.query.DeadLetterQueries.Page;
import io.penstock.query.DeadLetterQueries.Wanted;
import io.penstock.schema.AlertRejection;
import io.penstock.schema.RawRecord;
import io.penstock.serde.AnyAvro;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.MemoryRegistry;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Letters that lie on the topics of several topologies, one of them with two partitions, some of them aborted. */
@Timeout(60)
@ExtendWith(SharedBroker.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeadLetterQueriesTest {
    private static final String WIDE = "letters-wide";
    private static final String NARROW = "letters-narrow";
    private static final String REJECTING = "alert-fanout";
    private static final int COUNT = 60;
    private static final int MANY = 1_000;

    private final KafkaSettings kafka;
    private final MemoryRegistry registry = new MemoryRegistry();
    private final AvroSerdes serdes = new AvroSerdes(registry);
    private final DeadLetterQueries queries;

    DeadLetterQueriesTest(EmbeddedBroker broker) {
        kafka = new KafkaSettings(broker.bootstrapServers(), Map.of(), (short) 1);
        Supplier<Consumer<byte[], byte[]>> consumers = () -> new KafkaConsumer<>(
                DeadLetterQueries.consumerSettings(kafka), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        queries = new DeadLetterQueries(
                consumers, new AnyAvro(registry), List.of(WIDE, NARROW, REJECTING), (_, offset) -> offset == 3);
    }

    @BeforeAll
    void writeLetters() throws Exception {
        try (Admin admin = Admin.create(kafka.admin())) {
            List<TopicSpec> specs = new ArrayList<>(FixedTopics.of(1, List.of(NARROW, REJECTING)));
            specs.removeIf(spec ->
                    !spec.name().startsWith("dead-letter.") && !spec.name().equals("alert.rejected"));
            specs.add(TopicSpec.keptSinceWritten("dead-letter." + WIDE, 2, Duration.ofDays(1)));
            new KafkaProvisioner(admin, (short) 1).ensure(specs);
        }
        Map<String, Object> config = new HashMap<>(kafka.producer());
        config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "letters-" + UUID.randomUUID());
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            for (int i = 0; i < COUNT; i++) {
                // Each in a transaction of its own, as stages write them; now and then one that does not count.
                producer.beginTransaction();
                producer.send(letter(i)).get();
                producer.commitTransaction();
                if (i % 7 == 0) {
                    producer.beginTransaction();
                    producer.send(letter(-1)).get();
                    producer.abortTransaction();
                }
            }
            producer.beginTransaction();
            producer.send(new ProducerRecord<>("alert.rejected", "a-1".getBytes(UTF_8), rejection()))
                    .get();
            producer.commitTransaction();
        }
    }

    private ProducerRecord<byte[], byte[]> letter(int number) {
        var headers = new RecordHeaders();
        var letter = new DeadLetter(
                        number % 10 == 0 ? "record.invalid" : "capture.timeout",
                        "Letter " + number + " was not read from https://host/?token=hush.",
                        "reader",
                        "capture.task",
                        3,
                        40L + number,
                        2)
                .record(("key-" + number).getBytes(UTF_8), ("value " + number).getBytes(UTF_8), number, headers);
        return new ProducerRecord<>(
                "dead-letter." + (number % 3 == 0 ? NARROW : WIDE),
                number % 3 == 0 ? 0 : Math.floorMod(number, 2),
                (long) number < 0 ? 0L : number, // long ago: the time of the record, not of the letter
                letter.key(),
                letter.value(),
                letter.headers());
    }

    private byte[] rejection() {
        return serdes.codec(AlertRejection.class)
                .encode(
                        "alert.rejected",
                        AlertRejection.newBuilder()
                                .setAlertId("a-1")
                                .setTopic("nowhere")
                                .setSegmentTargets(List.of("x"))
                                .setCode("topic.unknown")
                                .setReason("There is no topic 'nowhere'.")
                                .setAt(Instant.parse("2026-05-01T10:00:00Z"))
                                .build());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, MANY})
    void shouldPageFromTheNewestToTheOldestOverAllTopics(int limit) throws Exception {
        List<String> keys = new ArrayList<>();
        String after = null;
        do {
            Page page = queries.page(new Wanted(null, null, null, null, after, limit));
            assertThat(page.letters()).hasSizeLessThanOrEqualTo(limit);
            page.letters().forEach(letter -> keys.add(letter.get("key").textValue()));
            after = page.next();
        } while (after != null);

        List<String> expected = new ArrayList<>(List.of("a-1"));
        for (int i = COUNT - 1; i >= 0; i--) {
            expected.add("key-" + i);
        }
        assertThat(keys).containsExactlyInAnyOrderElementsOf(expected);
        // Those that were written within one millisecond have no order between topics.
        assertThat(keys.getFirst()).isEqualTo("a-1");
        assertThat(keys.subList(1, 10)).allMatch(key -> Integer.parseInt(key.substring(4)) > COUNT - 15);
    }

    @Test
    void shouldSayWhatWasWrongWithWhichRecord() throws Exception {
        ObjectNode letter = only(NARROW, "record.invalid", 1).getFirst();

        assertThat(letter.get("topology").textValue()).isEqualTo(NARROW);
        assertThat(letter.get("kind").textValue()).isEqualTo("dead-letter");
        assertThat(letter.get("kafka_topic").textValue()).isEqualTo("dead-letter." + NARROW);
        assertThat(letter.get("code").textValue()).isEqualTo("record.invalid");
        assertThat(letter.get("message").textValue()).startsWith("Letter 30").doesNotContain("hush");
        assertThat(letter.get("stage").textValue()).isEqualTo("reader");
        assertThat(letter.get("attempts").intValue()).isEqualTo(2);
        assertThat(letter.at("/source/topic").textValue()).isEqualTo("capture.task");
        assertThat(letter.at("/source/partition").intValue()).isEqualTo(3);
        assertThat(letter.at("/source/offset").intValue()).isEqualTo(70);
        assertThat(letter.at("/source/time").textValue()).isEqualTo("1970-01-01T00:00:00.030Z");
        assertThat(Instant.parse(letter.get("time").textValue()))
                .isAfter(Instant.now().minus(Duration.ofMinutes(5)));
        assertThat(letter.at("/value/content").textValue()).isEqualTo("value 30");
    }

    @Test
    void shouldShowRejectionsWithTheTopologyThatRejected() throws Exception {
        ObjectNode rejected = only(REJECTING, "topic.unknown", MANY).getFirst();

        assertThat(rejected.get("kind").textValue()).isEqualTo("rejected");
        assertThat(rejected.get("message").textValue()).isEqualTo("There is no topic 'nowhere'.");
        assertThat(rejected.at("/value/schema").textValue()).isEqualTo("io.penstock.schema.AlertRejection");
        assertThat(rejected.at("/value/content/at").textValue()).isEqualTo("2026-05-01T10:00:00Z");
    }

    @Test
    void shouldFindACodeThatIsRare() throws Exception {
        assertThat(only(null, "record.invalid", 3)).hasSize(3);
        assertThat(only(null, "record.invalid", MANY)).hasSize(COUNT / 10);
        assertThat(only(null, "no.such-code", MANY)).isEmpty();
    }

    @Test
    void shouldFindWhatWasWrittenWithinATime() throws Exception {
        Instant oldest = Instant.parse(
                page(null, null, null, MANY).letters().getLast().get("time").textValue());
        Instant newest = Instant.parse(
                page(null, null, null, 1).letters().getFirst().get("time").textValue());

        assertThat(page(oldest, newest, null, MANY).letters()).hasSize(COUNT + 1);
        assertThat(page(newest.plusMillis(1), null, null, MANY).letters()).isEmpty();
        assertThat(page(null, oldest.minusMillis(1), null, MANY).letters()).isEmpty();
        assertThat(page(newest, null, null, MANY).letters()).isNotEmpty().hasSizeLessThan(COUNT);
        assertThat(page(null, newest.minusMillis(1), null, MANY).letters())
                .isNotEmpty()
                .hasSizeLessThan(COUNT + 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "dead-letter.a/0", "dead-letter.a/0:1,", "a b/0:1"})
    void shouldRefuseAnAfterThatIsNone(String after) {
        assertCode(() -> page(null, null, after, 1), ErrorCode.PARAMETER_INVALID);
    }

    @Test
    void shouldRefuseATopologyThatDoesNotExist() {
        assertCode(() -> queries.page(new Wanted("nowhere", null, null, null, null, 1)), ErrorCode.TOPOLOGY_UNKNOWN);
    }

    @Test
    void shouldShowWhateverBytesThereAre() {
        DeadLetterJson json = new DeadLetterJson(new AnyAvro(registry), (_, _) -> false);
        byte[] avro = serdes.codec(RawRecord.class).encode("raw.a", record("x".repeat(9_000)));

        JsonNode decoded = value(json, avro);
        assertThat(decoded.get("format").textValue()).isEqualTo("avro");
        assertThat(decoded.get("truncated").booleanValue()).isTrue();
        assertThat(decoded.get("bytes").intValue()).isEqualTo(avro.length);
        assertThat(decoded.at("/content/content").textValue()).hasSize(4_000);
        byte[] cut = java.util.Arrays.copyOf(avro, 30);
        assertThat(value(json, cut).get("format").textValue()).isEqualTo("base64");
        assertThat(value(json, new byte[] {0, 0, 0, 77, 77, 1}).get("format").textValue())
                .isEqualTo("base64");
        assertThat(value(json, "Gr\u00fc\u00dfe".getBytes(UTF_8)).get("content").textValue())
                .isEqualTo("Gr\u00fc\u00dfe");
        assertThat(value(json, new byte[0]).get("format").textValue()).isEqualTo("text");
        assertThat(value(json, null).isNull()).isTrue();
        assertThat(value(json, "{\"api_key\":\"hush\"}".getBytes(UTF_8)).toString())
                .doesNotContain("hush");
    }

    private static RawRecord record(String content) {
        return RawRecord.newBuilder()
                .setContent(ByteBuffer.wrap(content.getBytes(UTF_8)))
                .build();
    }

    @SuppressWarnings("NullAway") // values of Kafka records may be null
    private static JsonNode value(DeadLetterJson json, byte @Nullable [] bytes) {
        return json.letter(
                        "t",
                        new org.apache.kafka.clients.consumer.ConsumerRecord<>("dead-letter.t", 0, 0L, null, bytes))
                .get("value");
    }

    private List<ObjectNode> only(@Nullable String topology, @Nullable String code, int limit) throws Exception {
        return queries.page(new Wanted(topology, code, null, null, null, limit)).letters();
    }

    private Page page(@Nullable Instant from, @Nullable Instant to, @Nullable String after, int limit)
            throws InterruptedException {
        return queries.page(new Wanted(null, null, from, to, after, limit));
    }

    private static void assertCode(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, ErrorCode code) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
