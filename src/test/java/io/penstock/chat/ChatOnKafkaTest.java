package io.penstock.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.penstock.answer.Answerer;
import io.penstock.answer.Question;
import io.penstock.answer.ReplyListener;
import io.penstock.broker.EmbeddedBroker;
import io.penstock.broker.SharedBroker;
import io.penstock.deadletter.DeadLetterHeaders;
import io.penstock.kafka.FixedTopics;
import io.penstock.kafka.KafkaProvisioner;
import io.penstock.kafka.KafkaSettings;
import io.penstock.kafka.TopicSpec;
import io.penstock.kafka.Topics;
import io.penstock.schema.ChatAnswer;
import io.penstock.schema.ChatReply;
import io.penstock.schema.ChatRequest;
import io.penstock.schema.Usage;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.MemoryRegistry;
import io.penstock.stage.CallException;
import io.penstock.stage.StageRuntime;
import io.penstock.topology.Guarantee;
import io.penstock.topology.HostedTopology;
import io.penstock.topology.StreamsProperties;
import io.penstock.topology.TopologyDefinition;
import io.penstock.topology.TopologyHost;
import io.penstock.vector.SearchResult;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** The topology of the chat on a broker of its own, with topics of others that come and go. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ChatOnKafkaTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String VANISHING = "chat.reply.vanishing";
    private static final String HELD = "held";

    private final AvroSerdes serdes = new AvroSerdes(new MemoryRegistry());
    private final AvroCodec<ChatReply> replies = serdes.codec(ChatReply.class);
    private final Semaphore asked = new Semaphore(0);
    private final Semaphore answerable = new Semaphore(0);
    private final CountDownLatch othersAreAnswered = new CountDownLatch(1);
    private final EmbeddedBroker broker = EmbeddedBroker.start(SharedBroker.newFolder(), 0);
    private final KafkaSettings kafka = new KafkaSettings(broker.bootstrapServers(), Map.of(), (short) 1);
    private final Admin admin = Admin.create(kafka.admin());
    private final KafkaProvisioner provisioner = new KafkaProvisioner(admin, (short) 1);
    private final KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(kafka.producer(), new ByteArraySerializer(), new ByteArraySerializer());
    private final KafkaReplyTopics replyTopics = new KafkaReplyTopics(admin, kafka);
    private final StageRuntime runtime = new StageRuntime();
    private final Path state = SharedBroker.newFolder();
    private final TopologyHost host =
            new TopologyHost(definition -> StreamsProperties.of(definition, kafka, state), runtime.clients());

    @BeforeAll
    void start() {
        provisioner.ensure(FixedTopics.of(2, List.of(ChatTopology.NAME)));
        startChat();
    }

    private void startChat() {
        host.start(
                new TopologyDefinition(
                        ChatTopology.NAME,
                        "chat-on-kafka",
                        Guarantee.AT_LEAST_ONCE,
                        1,
                        "rag",
                        "Answers.",
                        Map.of("commit.interval.ms", "100", "producer.linger.ms", "0"),
                        "test"),
                () -> new ChatTopology(
                                serdes,
                                search -> new SearchResult(List.of(), 1, 1, 0),
                                new Patient(),
                                new Held(),
                                runtime,
                                ChatSettings.of(2, MemorySettings.DEFAULT),
                                InstantSource.system())
                        .build());
        await().atMost(PATIENCE).until(host::allReady);
    }

    @AfterAll
    void stop() {
        runtime.close();
        host.close(List.of(), PATIENCE);
        replyTopics.close();
        producer.close();
        admin.close();
        broker.close();
    }

    @Test
    void shouldReplyToAPartitionOfATopicThatOthersMade() {
        provisioner.ensure(List.of(TopicSpec.kept("chat.reply.made", 3, Duration.ofHours(1))));
        ask("made", "What?", "chat.reply.made", 2);

        List<ConsumerRecord<byte[], byte[]>> records = read("chat.reply.made", 2, 3);

        assertThat(records)
                .extracting(record -> new String(record.key(), UTF_8))
                .containsOnly("c-made/2");
        List<ChatReply> parts =
                records.stream().map(record -> replies.decode(record.value())).toList();
        assertThat(parts).extracting(ChatReply::getSeq).containsExactly(0, 1, 2);
        assertThat(parts.get(1).getText()).isEqualTo("Answer to What?");
        assertThat(parts.getLast().getAnswer().getReply()).isEqualTo("Answer to What?");
    }

    @Test
    void shouldAnswerOthersWhileATopicIsDeletedThatRepliesAreToGoTo() throws Exception {
        int held = 20;
        provisioner.ensure(List.of(TopicSpec.kept(VANISHING, 1, Duration.ofHours(1))));
        for (int i = 0; i < held; i++) {
            ask("vanishing-" + i, HELD, VANISHING, 0);
        }
        asked.acquire(held); // from now on their topic is known to be there
        provisioner.deleteTopics(List.of(VANISHING));
        answerable.release(held);

        try (KafkaConsumer<byte[], byte[]> reader = reader(Topics.CHAT_REPLY, 7)) {
            for (int i = 0; i < 50; i++) {
                String id = "steady-" + i;
                ask(id, "What?", Topics.CHAT_REPLY, 7);
                await(id).atMost(PATIENCE).until(() -> isAnswered(reader, id));
            }
        }

        othersAreAnswered.countDown();
        List<ConsumerRecord<byte[], byte[]>> letters = letters("vanishing-", held);
        assertThat(letters)
                .extracting(letter -> header(letter, DeadLetterHeaders.CODE))
                .containsOnly("chat.reply-undeliverable");
        assertThat(letters)
                .extracting(letter -> replies.decode(letter.value()).getRequestId())
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, held).mapToObj(i -> "vanishing-" + i).toList());
        HostedTopology chat = host.find(ChatTopology.NAME).orElseThrow();
        assertThat(chat.restarts()).isZero();
        assertThat(chat.isReady()).isTrue();
        assertThat(provisioner.topics()).as("nobody made it anew").doesNotContain(VANISHING);
    }

    @Test
    void shouldNotAnswerWhereTheReplyCouldNotGo() {
        ask("nowhere", HELD, "chat.reply.nowhere", 0);

        ConsumerRecord<byte[], byte[]> letter = letters("nowhere", 1).getFirst();

        assertThat(header(letter, DeadLetterHeaders.CODE)).isEqualTo("chat.reply-undeliverable");
        assertThat(header(letter, DeadLetterHeaders.MESSAGE)).contains("chat.reply.nowhere");
        assertThat(header(letter, DeadLetterHeaders.TOPIC)).isEqualTo(Topics.CHAT_REQUEST);
        assertThat(serdes.codec(ChatRequest.class).decode(letter.value()).getRequestId())
                .isEqualTo("nowhere");
    }

    @Test
    void shouldMakeAReplyAnewUnderAnotherExecutionAfterARestart() throws Exception {
        ask("restarted", HELD, Topics.CHAT_REPLY, 3);
        asked.acquire();
        List<ChatReply> before = decoded(read(Topics.CHAT_REPLY, 3, 2));
        assertThat(host.remove(ChatTopology.NAME, PATIENCE)).isTrue();
        startChat();
        asked.acquire();
        answerable.release();

        List<ChatReply> all = decoded(read(Topics.CHAT_REPLY, 3, 5));

        assertThat(all).extracting(ChatReply::getAttempt).containsOnly(1);
        assertThat(all).extracting(ChatReply::getSeq).containsExactly(0, 1, 0, 1, 2);
        assertThat(all.subList(0, 2)).isEqualTo(before);
        assertThat(all.subList(2, 5).stream().map(ChatReply::getExecution).distinct())
                .hasSize(1)
                .doesNotContain(before.getFirst().getExecution());
        assertThat(all).extracting(ChatReply::getLast).containsExactly(false, false, false, false, true);
    }

    @Test
    void shouldSayThatATopicOrPartitionIsNotThere() throws Exception {
        provisioner.ensure(List.of(TopicSpec.kept("chat.reply.two", 2, Duration.ofHours(1))));
        byte[] bytes = {1};
        Headers none = new RecordHeaders();
        replyTopics.send("chat.reply.two", 1, bytes, bytes, none);
        CallException partition = catchThrowableOfType(
                CallException.class, () -> replyTopics.send("chat.reply.two", 2, bytes, bytes, none));
        provisioner.deleteTopics(List.of("chat.reply.two"));
        CallException topic = catchThrowableOfType(
                CallException.class, () -> replyTopics.send("chat.reply.two", 1, bytes, bytes, none));

        assertThat(List.of(partition, topic)).allSatisfy(failure -> {
            assertThat(failure.code()).isEqualTo("chat.reply-undeliverable");
            assertThat(failure.isPermanent()).isTrue();
        });
        assertThat(partition).hasMessageContaining("2 partitions");
    }

    private void ask(String id, String message, String topic, int partition) {
        ChatRequest request = ChatRequest.newBuilder()
                .setRequestId(id)
                .setSessionId("session of " + id)
                .setMessage(message)
                .setStream(true)
                .setRequestedAt(Instant.now())
                .build();
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                Topics.CHAT_REQUEST,
                request.getSessionId().getBytes(UTF_8),
                serdes.codec(ChatRequest.class).encode(Topics.CHAT_REQUEST, request));
        DrivenChat.headers(topic, "c-" + id, Integer.toString(partition)).forEach(record.headers()::add);
        var _ = producer.send(record);
    }

    private List<ChatReply> decoded(List<ConsumerRecord<byte[], byte[]>> records) {
        return records.stream().map(record -> replies.decode(record.value())).toList();
    }

    private boolean isAnswered(KafkaConsumer<byte[], byte[]> reader, String id) {
        for (ConsumerRecord<byte[], byte[]> record : reader.poll(Duration.ofMillis(50))) {
            ChatReply reply = replies.decode(record.value());
            if (reply.getLast() && reply.getRequestId().equals(id)) {
                return true;
            }
        }
        return false;
    }

    /** The dead letters of the topology whose key or request begins so. */
    private List<ConsumerRecord<byte[], byte[]>> letters(String id, int count) {
        List<ConsumerRecord<byte[], byte[]>> letters = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> reader = reader(Topics.deadLetter(ChatTopology.NAME), 0)) {
            await().atMost(PATIENCE).until(() -> {
                for (ConsumerRecord<byte[], byte[]> record : reader.poll(Duration.ofMillis(100))) {
                    if (header(record, ChatHeaders.CORRELATION_ID).startsWith("c-" + id)) {
                        letters.add(record);
                    }
                }
                return letters.size() >= count;
            });
        }
        return letters;
    }

    private List<ConsumerRecord<byte[], byte[]>> read(String topic, int partition, int count) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> reader = reader(topic, partition)) {
            await().atMost(PATIENCE).until(() -> {
                reader.poll(Duration.ofMillis(100)).forEach(records::add);
                return records.size() >= count;
            });
        }
        return records;
    }

    private KafkaConsumer<byte[], byte[]> reader(String topic, int partition) {
        KafkaConsumer<byte[], byte[]> reader = new KafkaConsumer<>(
                kafka.consumer("earliest"), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        reader.assign(List.of(new TopicPartition(topic, partition)));
        return reader;
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return ChatHeaders.text(record.headers(), name).orElse("");
    }

    /** Tries the vanishing topic only once all others are answered: if their thread did it, it would wait for itself. */
    private final class Held implements ReplyTopics {
        @Override
        public void require(String topic, int partition) throws CallException, InterruptedException {
            replyTopics.require(topic, partition);
        }

        @Override
        public void send(String topic, int partition, byte[] key, byte[] value, Headers headers)
                throws CallException, InterruptedException {
            if (topic.equals(VANISHING)) {
                othersAreAnswered.await();
            }
            replyTopics.send(topic, partition, key, value, headers);
        }
    }

    /** Ends the answer to what is held when it may. */
    private final class Patient implements Answerer {
        @Override
        public String name() {
            return "patient";
        }

        @Override
        public ChatAnswer answer(Question question, ReplyListener listener) throws InterruptedException {
            String reply = "Answer to " + question.text();
            listener.onCitations(List.of());
            listener.onText(reply);
            if (question.text().equals(HELD)) {
                asked.release();
                answerable.acquire();
            }
            return ChatAnswer.newBuilder()
                    .setReply(reply)
                    .setAnswered(true)
                    .setAnswerer(name())
                    .setUsage(new Usage(0, 0, 0))
                    .build();
        }
    }
}
