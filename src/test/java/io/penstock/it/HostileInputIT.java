package io.penstock.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.error.PenstockException;
import io.penstock.schema.Alert;
import io.penstock.schema.CaptureTask;
import io.penstock.schema.ChatRequest;
import io.penstock.schema.Chunk;
import io.penstock.schema.Inference;
import io.penstock.schema.RawRecord;
import io.penstock.schema.RunEvent;
import io.penstock.schema.ScheduleEntry;
import io.penstock.schema.SegmentAlert;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.RemoteRegistry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random, truncated and bit-flipped messages on every Kafka topic that a topology reads, made from real ones: each that cannot be
 * read is a dead letter exactly once, with its bytes and a code; no instance of Streams restarts; every good message among them is
 * processed.
 *
 * <p>{@code -Dpenstock.test.hostile.messages} says how many ({@code ./penstock soak inputs} sends 100,000), {@code
 * -Dpenstock.test.hostile.seed} repeats a run.
 */
@Timeout(900)
class HostileInputIT {
    private static final int MESSAGES = Integer.getInteger("penstock.test.hostile.messages", 2_000);
    private static final long SEED = Long.getLong(
            "penstock.test.hostile.seed", ThreadLocalRandom.current().nextLong(1_000_000));
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final Duration LOOK_EVERY = Duration.ofMillis(500);
    private static final String TOPIC = "hostile";
    private static final String SEGMENT = "notes";
    private static final int GOOD = 5;

    /** Penstock's own tables: what cannot be read there is left out, without a dead letter. */
    private static final List<String> TABLES = List.of("catalog", "processors", "instance");
    /** Replies and acknowledgements are read by consumers that pass over what is not theirs. */
    private static final List<String> ANSWERS = List.of("chat.reply", "fence.ack");

    private final PenstockProcess penstock = new PenstockProcess("hostile");
    private final Random random = new Random(SEED);
    private final Map<String, List<ConsumerRecord<byte[], byte[]>>> templates = new TreeMap<>();
    /** Of each topic one that {@link Good} messages are made from. */
    private final Map<String, ConsumerRecord<byte[], byte[]>> good = new TreeMap<>();

    private final Map<String, AvroCodec<? extends SpecificRecord>> codecs = new TreeMap<>();

    @AfterEach
    void close() {
        penstock.close();
    }

    /** Where a message lies. */
    private record Place(String topic, int partition, long offset) {}

    @Test
    void shouldDeadLetterEveryMessageThatCannotBeReadAndProcessEveryGoodOneAmongThem() throws Exception {
        System.out.println("seed " + SEED + ", " + MESSAGES + " messages");
        penstock.start();
        Api api = penstock.api();
        try (KafkaReader kafka = new KafkaReader(penstock);
                RemoteRegistry registry = new RemoteRegistry(Map.of(
                        "schema.registry.url",
                        api.url() + "/registry",
                        "basic.auth.credentials.source",
                        "USER_INFO",
                        "basic.auth.user.info",
                        "any:" + api.key()));
                // The broker refuses a batch for a compacted topic when one of its messages has no key, so those that
                // must arrive never lie in one batch with rubbish.
                KafkaProducer<byte[], byte[]> producer = producer();
                KafkaProducer<byte[], byte[]> goodProducer = producer()) {
            codecs(new AvroSerdes(registry));
            collectTemplates(api, kafka);

            Map<Place, byte[]> unreadable = new ConcurrentHashMap<>();
            Good sent = new Good();
            List<String> topics = List.copyOf(templates.keySet());
            int every = Math.max(1, MESSAGES / GOOD);
            for (int i = 0; i < MESSAGES; i++) {
                String topic = topics.get(i % topics.size());
                sendHostile(producer, topic, unreadable);
                if (i % every == every / 2) {
                    sent.send(goodProducer);
                }
            }
            for (int i = 0; i < MESSAGES / 50; i++) {
                for (String topic : TABLES) {
                    var _ = producer.send(new ProducerRecord<>(topic, bytes(20), rubbish()));
                }
                for (String topic : ANSWERS) {
                    var _ = producer.send(
                            new ProducerRecord<>(topic, random.nextBoolean() ? null : bytes(20), rubbish()));
                }
            }
            producer.flush();
            assertThat(unreadable).as("messages that cannot be read").hasSizeGreaterThan(MESSAGES / 3);

            sent.assertProcessed(api, kafka);
            assertEachIsADeadLetterOnce(kafka, unreadable);
        }
        assertThat(api.collected(TOPIC, SEGMENT).get("state").textValue()).isEqualTo("DONE");
        // A changed bit may have made another note of a known one, as whoever may write there can; what comes now is
        // whole.
        api.inlineProcessor(
                "hostile-after",
                TOPIC,
                "after",
                new InlineItem("boat", "Lifeboat", "The lifeboat is launched from the slipway beside the old mill."));
        assertThat(api.collected(TOPIC, "after").get("state").textValue()).isEqualTo("DONE");
        JsonNode answer = api.ask("Where is the lifeboat launched from?", TOPIC).body();
        assertThat(answer.path("answered").booleanValue()).as("%s", answer).isTrue();
        assertNoRestart(api);
        // Every loss, doubled letter or restart has failed an assertion by now.
        PenstockProcess.write(
                Path.of("target/soak/inputs.json"),
                "{\"kills\":0,\"lost\":0,\"doubled\":0,\"messages\":" + MESSAGES + ",\"seed\":" + SEED + "}\n");
    }

    private KafkaProducer<byte[], byte[]> producer() {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", penstock.bootstrapServers(), "linger.ms", 5),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    private static void assertNoRestart(Api api) {
        for (JsonNode topology : api.get("/api/topologies").body().get("topologies")) {
            assertThat(topology.get("restarts").intValue())
                    .as("restarts of %s", topology.get("name").textValue())
                    .isZero();
            assertThat(topology.get("state").textValue())
                    .as(topology.get("name").textValue())
                    .isEqualTo("RUNNING");
        }
    }

    private void codecs(AvroSerdes serdes) {
        codecs.put("alert", serdes.codec(Alert.class));
        codecs.put("alert.segment", serdes.codec(SegmentAlert.class));
        codecs.put("capture.task", serdes.codec(CaptureTask.class));
        codecs.put("raw." + TOPIC, serdes.codec(RawRecord.class));
        codecs.put("inference", serdes.codec(Inference.class));
        codecs.put("chunk", serdes.codec(Chunk.class));
        codecs.put("run.event", serdes.codec(RunEvent.class));
        codecs.put("chat.request", serdes.codec(ChatRequest.class));
        codecs.put("schedule", serdes.codec(ScheduleEntry.class));
    }

    /** Real messages of every topic, from a run and a question. */
    private void collectTemplates(Api api, KafkaReader kafka) {
        api.create(TOPIC, SEGMENT, "log", "after");
        api.inlineProcessor(
                "hostile-notes",
                TOPIC,
                SEGMENT,
                new InlineItem(
                        "one", "Note one", "The ferry to the island leaves at seven in the morning on weekdays."),
                new InlineItem("two", "Note two", "On Sundays the ferry runs only when the sea is calm enough."));
        api.collected(TOPIC, SEGMENT);
        Api.require(api.ask("When does the ferry to the island leave?", TOPIC), 200);
        codecs.keySet().forEach(topic -> templates.put(topic, messages(kafka, topic)));
        templates.forEach((topic, found) -> good.put(topic, found.getFirst()));

        // Messages of one record wait for each other, so there are many records. Their alert is no template: every
        // alert that
        // a changed bit makes a new one would collect all of them.
        InlineItem[] days = IntStream.range(0, 40)
                .mapToObj(day -> new InlineItem(
                        "day-" + day,
                        "Day " + day,
                        "On day " + day + " the wind came from the west, and the sea was calm."))
                .toArray(InlineItem[]::new);
        api.inlineProcessor("hostile-log", TOPIC, "log", days);
        api.collected(TOPIC, "log");
        for (String topic : List.of("raw." + TOPIC, "inference", "chunk")) {
            templates.put(topic, messages(kafka, topic));
        }
    }

    private static List<ConsumerRecord<byte[], byte[]>> messages(KafkaReader kafka, String topic) {
        // No schedule is configured here: the bytes of another topic do.
        List<ConsumerRecord<byte[], byte[]>> found =
                kafka.committed(topic.equals("schedule") ? "alert" : topic).stream()
                        .filter(message -> message.value() != null)
                        .toList();
        assertThat(found).as("messages on " + topic).isNotEmpty();
        return found;
    }

    private void sendHostile(KafkaProducer<byte[], byte[]> producer, String topic, Map<Place, byte[]> unreadable) {
        List<ConsumerRecord<byte[], byte[]>> real = real(topic);
        ConsumerRecord<byte[], byte[]> template = real.get(random.nextInt(real.size()));
        byte[] value = switch (random.nextInt(3)) {
            case 0 -> rubbish(template.value());
            case 1 -> Arrays.copyOf(template.value(), random.nextInt(template.value().length));
            default -> flipped(template.value());
        };
        byte @Nullable [] key = switch (random.nextInt(10)) {
            case 0 -> null;
            case 1 -> bytes(random.nextInt(40));
            default -> template.key();
        };
        ProducerRecord<byte[], byte[]> message = new ProducerRecord<>(topic, key, value);
        if (random.nextInt(4) != 0) {
            template.headers().forEach(message.headers()::add);
        }
        for (String header : List.of(
                "item-complete", "penstock-reply-topic", "penstock-reply-partition", "penstock-correlation-id")) {
            if (random.nextInt(20) == 0) {
                message.headers().remove(header);
                message.headers().add(new RecordHeader(header, bytes(random.nextInt(30))));
            }
        }
        boolean readable = isReadable(topic, value);
        var _ = producer.send(message, (where, failure) -> {
            if (!readable && failure == null) {
                unreadable.put(new Place(where.topic(), where.partition(), where.offset()), value);
            }
        });
    }

    private boolean isReadable(String topic, byte[] value) {
        try {
            codec(topic).decode(value);
            return true;
        } catch (PenstockException e) {
            return false;
        }
    }

    private List<ConsumerRecord<byte[], byte[]>> real(String topic) {
        return Objects.requireNonNull(templates.get(topic), topic);
    }

    private ConsumerRecord<byte[], byte[]> model(String topic) {
        return Objects.requireNonNull(good.get(topic), topic);
    }

    private AvroCodec<? extends SpecificRecord> codec(String topic) {
        return Objects.requireNonNull(codecs.get(topic), topic);
    }

    /** Random bytes; half of them begin as a message of this topic does, with the id of its schema. */
    private byte[] rubbish(byte[] template) {
        byte[] value = rubbish();
        if (random.nextBoolean()) {
            System.arraycopy(template, 0, value, 0, Math.min(5, value.length));
        }
        return value;
    }

    private byte[] rubbish() {
        return bytes(random.nextInt(300));
    }

    private byte[] flipped(byte[] template) {
        byte[] value = template.clone();
        for (int i = 0; i <= random.nextInt(8); i++) {
            value[random.nextInt(value.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return value;
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static void assertEachIsADeadLetterOnce(KafkaReader kafka, Map<Place, byte[]> unreadable) {
        List<String> deadLetters = kafka.topics().stream()
                .filter(name -> name.startsWith("dead-letter."))
                .toList();
        Awaitility.await("each message that cannot be read is a dead letter")
                .atMost(PATIENCE)
                .pollInterval(LOOK_EVERY)
                .until(() -> places(kafka, deadLetters).keySet().containsAll(unreadable.keySet()));
        Map<Place, List<ConsumerRecord<byte[], byte[]>>> letters = places(kafka, deadLetters);
        assertThat(letters).allSatisfy((place, found) -> {
            assertThat(found).as("dead letters of %s", place).hasSize(1);
            assertThat(KafkaReader.header(found.getFirst(), "penstock-error-code"))
                    .matches("[a-z]+\\.[a-z-]+");
            assertThat(KafkaReader.header(found.getFirst(), "penstock-error-message"))
                    .isNotBlank();
        });
        unreadable.forEach((place, value) -> assertThat(
                        letters.getOrDefault(place, List.of()).getFirst().value())
                .as("bytes of %s", place)
                .isEqualTo(value));
    }

    private static Map<Place, List<ConsumerRecord<byte[], byte[]>>> places(
            KafkaReader kafka, List<String> deadLetters) {
        Map<Place, List<ConsumerRecord<byte[], byte[]>>> places = new HashMap<>();
        for (String topic : deadLetters) {
            for (ConsumerRecord<byte[], byte[]> letter : kafka.committed(topic)) {
                places.computeIfAbsent(
                                new Place(
                                        KafkaReader.header(letter, "penstock-error-topic"),
                                        Integer.parseInt(KafkaReader.header(letter, "penstock-error-partition")),
                                        Long.parseLong(KafkaReader.header(letter, "penstock-error-offset"))),
                                place -> new ArrayList<>())
                        .add(letter);
            }
        }
        return places;
    }

    /** Good messages of every kind, each with a name of its own by which its effect is found. */
    private final class Good {
        private final List<String> alerts = new ArrayList<>();
        private final Set<String> items = new HashSet<>();
        private final List<String> runs = new ArrayList<>();
        private final Set<String> chunks = new HashSet<>();
        private final Set<String> questions = new HashSet<>();

        void send(KafkaProducer<byte[], byte[]> producer) throws Exception {
            String alert = "hostile-" + UUID.randomUUID();
            alerts.add(alert);
            send(
                    producer,
                    "alert",
                    alert,
                    Alert.newBuilder(template("alert", Alert.class))
                            .setAlertId(alert)
                            .build());

            RawRecord raw = template("raw." + TOPIC, RawRecord.class);
            String captured = "raw-" + UUID.randomUUID();
            send(
                    producer,
                    "raw." + TOPIC,
                    recordId(captured),
                    RawRecord.newBuilder(raw)
                            .setRunId(null)
                            .setItem(captured)
                            .setContent(ByteBuffer.wrap(text(captured).getBytes(UTF_8)))
                            .build());
            items.add(captured);

            String inferred = "inferred-" + UUID.randomUUID();
            send(
                    producer,
                    "inference",
                    recordId(inferred),
                    Inference.newBuilder(template("inference", Inference.class))
                            .setRunId(null)
                            .setItem(inferred)
                            .setText(text(inferred))
                            .setFingerprint(inferred)
                            .build());
            items.add(inferred);

            String fetched = "task-" + UUID.randomUUID();
            CaptureTask task = template("capture.task", CaptureTask.class);
            task.getEntry().setValue(fetched);
            task.getEntry().getFields().put("text", text(fetched));
            send(
                    producer,
                    "capture.task",
                    fetched,
                    CaptureTask.newBuilder(task)
                            .setRunId(UUID.randomUUID().toString())
                            .build());
            items.add(fetched);

            String run = UUID.randomUUID().toString();
            runs.add(run);
            send(
                    producer,
                    "alert.segment",
                    run + "/" + SEGMENT,
                    SegmentAlert.newBuilder(template("alert.segment", SegmentAlert.class))
                            .setRunId(run)
                            .setAlertId(run)
                            .build());

            Chunk chunk = template("chunk", Chunk.class);
            String real = new String(model("chunk").key(), UTF_8);
            String id = real.substring(0, real.lastIndexOf('#') + 1) + (1_000 + chunks.size());
            chunks.add(id);
            send(
                    producer,
                    "chunk",
                    id,
                    Chunk.newBuilder(chunk)
                            .setOrdinal(1_000 + chunks.size() - 1)
                            .build());

            String question = UUID.randomUUID().toString();
            questions.add(question);
            ProducerRecord<byte[], byte[]> request = message(
                    "chat.request",
                    question,
                    ChatRequest.newBuilder(template("chat.request", ChatRequest.class))
                            .setRequestId(question)
                            .setSessionId(question)
                            .build());
            request.headers()
                    .add("penstock-reply-topic", "chat.reply".getBytes(UTF_8))
                    .add("penstock-reply-partition", "3".getBytes(UTF_8))
                    .add("penstock-correlation-id", question.getBytes(UTF_8));
            producer.send(request).get(30, TimeUnit.SECONDS);
        }

        private String recordId(String item) {
            return TOPIC + "/" + SEGMENT + "/hostile-notes/" + item;
        }

        private String text(String name) {
            return "The lighthouse keeper writes down the name " + name + " in the log book of the harbour.";
        }

        private <T extends SpecificRecord> T template(String topic, Class<T> type) {
            return type.cast(codec(topic).decode(model(topic).value()));
        }

        private void send(KafkaProducer<byte[], byte[]> producer, String topic, String key, SpecificRecord value)
                throws Exception {
            producer.send(message(topic, key, value)).get(30, TimeUnit.SECONDS);
        }

        @SuppressWarnings("unchecked")
        private <T extends SpecificRecord> ProducerRecord<byte[], byte[]> message(String topic, String key, T value) {
            AvroCodec<T> codec = (AvroCodec<T>) codec(topic);
            return new ProducerRecord<>(topic, key.getBytes(UTF_8), codec.encode(topic, value));
        }

        void assertProcessed(Api api, KafkaReader kafka) {
            for (String alert : alerts) {
                String run = Awaitility.await("the run of " + alert)
                        .atMost(PATIENCE)
                        .until(
                                () -> api.get("/api/runs?alert_id=" + alert)
                                        .body()
                                        .at("/runs/0/run_id")
                                        .asText(),
                                id -> !id.isEmpty());
                runs.add(run);
            }
            for (String run : runs) {
                Awaitility.await("the events of run " + run)
                        .atMost(PATIENCE)
                        .pollInterval(LOOK_EVERY)
                        .untilAsserted(() -> {
                            JsonNode counts = api.get("/api/runs/" + run).body().at("/counts");
                            assertThat(counts.path("tasks").intValue()).isEqualTo(2);
                            assertThat(counts.path("indexed").intValue()
                                            + counts.path("unchanged").intValue())
                                    .isEqualTo(2);
                            assertThat(counts.path("failed").intValue()).isZero();
                        });
            }
            Awaitility.await("the good records")
                    .atMost(PATIENCE)
                    .pollInterval(LOOK_EVERY)
                    .untilAsserted(() -> assertThat(api.records(TOPIC, SEGMENT))
                            .extracting(record -> record.get("item").textValue())
                            .containsAll(items));
            Awaitility.await("the good chunks")
                    .atMost(PATIENCE)
                    .pollInterval(LOOK_EVERY)
                    .untilAsserted(() ->
                            chunks.forEach(chunk -> assertThat(api.get("/api/stores/vector-index/" + Api.encode(chunk))
                                            .status())
                                    .as(chunk)
                                    .isEqualTo(200)));
            Awaitility.await("the replies")
                    .atMost(PATIENCE)
                    .pollInterval(LOOK_EVERY)
                    .until(() -> kafka.committed("chat.reply").stream()
                            .filter(reply -> reply.key() != null)
                            .map(reply -> new String(reply.key(), UTF_8).replaceFirst("/.*", ""))
                            .toList()
                            .containsAll(questions));
        }
    }
}
