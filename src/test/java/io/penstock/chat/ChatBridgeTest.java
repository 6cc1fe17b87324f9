package io.penstock.chat;

import static io.penstock.chat.Records.first;
import static io.penstock.chat.Records.last;
import static io.penstock.chat.Records.part;
import static java.nio.charset.StandardCharsets.UTF_8;
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
import io.penstock.kafka.Topics;
import io.penstock.schema.ChatReply;
import io.penstock.schema.ChatRequest;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.MemoryRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Bridges on a broker, answered by a script instead of the topology. */
@ExtendWith(SharedBroker.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class ChatBridgeTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final BridgeSettings SETTINGS =
            BridgeSettings.DEFAULT.withGrace(Duration.ofSeconds(1)).withSettling(Duration.ofMillis(500));

    private final KafkaSettings kafka;
    private final AvroSerdes serdes = new AvroSerdes(new MemoryRegistry());
    private final ScriptedChat chat;

    ChatBridgeTest(EmbeddedBroker broker) {
        kafka = new KafkaSettings(broker.bootstrapServers(), Map.of(), (short) 1);
        try (Admin admin = Admin.create(kafka.admin())) {
            new KafkaProvisioner(admin, (short) 1)
                    .ensure(FixedTopics.of(4, List.of()).stream()
                            .filter(topic -> Set.of(Topics.CHAT_REQUEST, Topics.CHAT_REPLY)
                                    .contains(topic.name()))
                            .toList());
        }
        chat = new ScriptedChat(kafka, serdes);
    }

    @BeforeEach
    void beSilent() {
        chat.will(later -> {});
    }

    @AfterAll
    void close() {
        chat.close();
    }

    private ChatBridge bridge() {
        return bridge(SETTINGS);
    }

    private ChatBridge bridge(BridgeSettings settings) {
        ChatBridge bridge = new ChatBridge(kafka, serdes, settings, InstantSource.system());
        try {
            assertThat(bridge.awaitReady(PATIENCE)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return bridge;
    }

    private static ChatRequest question(String message) {
        String id = UUID.randomUUID().toString();
        return ChatRequest.newBuilder()
                .setRequestId(id)
                .setMessage(message)
                .setSessionId("session-" + id)
                .setRequestedAt(Instant.now())
                .build();
    }

    private static ConditionFactory soon() {
        return await().atMost(PATIENCE).pollInterval(Duration.ofMillis(10));
    }

    /** The question, once the script has it. */
    private ScriptedChat.Asked asked(ChatRequest request) {
        soon().until(() -> !chat.asked(request.getRequestId()).isEmpty());
        return chat.asked(request.getRequestId()).getFirst();
    }

    private boolean isCancelled(ChatRequest request) {
        return chat.asked(request.getRequestId()).stream()
                .anyMatch(each -> request.getRequestId().equals(each.request().getCancel()));
    }

    private static void awaitSplit(ChatBridge one, ChatBridge two) {
        soon().until(() -> one.named().size() == 8 && two.named().size() == 8);
    }

    @Test
    void shouldAnswerEachCallerWithItsOwnReply() throws Exception {
        chat.will(ScriptedChat.Asked::answer);
        try (ChatBridge bridge = bridge()) {
            List<CompletableFuture<ChatReply>> replies = IntStream.range(0, 100)
                    .mapToObj(i -> bridge.askAsync(question("number " + i), PATIENCE))
                    .toList();

            for (int i = 0; i < replies.size(); i++) {
                assertThat(replies.get(i).get(30, TimeUnit.SECONDS).getAnswer().getReply())
                        .isEqualTo("You asked: number " + i);
            }
            assertThat(bridge.ask(question("and now?"), PATIENCE).getAnswer().getReply())
                    .isEqualTo("You asked: and now?");
            assertThat(bridge.inFlight()).isZero();
        }
    }

    @Test
    void shouldHandAWholeReplyOverOnceItIsWrittenHereAndAStreamOnlyInItsOrder() throws Exception {
        try (ChatBridge bridge = bridge()) {
            ChatRequest whole = question("whole");
            CompletableFuture<ChatReply> reply = bridge.askAsync(whole, PATIENCE);
            ScriptedChat.Asked asked = asked(whole);
            bridge.arrived(written(asked, "elsewhere"), where((asked.partition() + 1) % ChatTopology.REPLY_PARTITIONS));
            assertThat(reply).isNotDone();

            bridge.arrived(written(asked, "here"), where(asked.partition()));
            assertThat(reply.getNow(null).getAnswer().getReply()).isEqualTo("here");
            asked.answer(); // and it is read, too
            bridge.arrived(written(asked, "again"), where(asked.partition()));

            Heard heard = new Heard();
            ChatRequest streamed = question("streamed");
            bridge.stream(streamed, PATIENCE, heard);
            ScriptedChat.Asked second = asked(streamed);
            bridge.arrived(written(second, "too early"), where(second.partition()));
            assertThat(heard.text()).isEmpty();
            second.answer();
            soon().until(heard::isDone);
            assertThat(heard.text()).doesNotContain("too early");
            assertThat(bridge.inFlight()).isZero();
        }
    }

    @Test
    void shouldReadWhatOthersWroteWhenItHasHandedOverAllBefore() throws Exception {
        try (ChatBridge bridge = bridge()) {
            for (int i = 0; i < 100; i++) {
                ChatRequest request = question("number " + i);
                CompletableFuture<ChatReply> reply = bridge.askAsync(request, PATIENCE);
                ScriptedChat.Asked asked = asked(request);
                bridge.arrived(written(asked, "here"), where(asked.partition()));
                assertThat(reply).isDone();
                asked.answer(); // which the reader lets gather
            }

            chat.will(ScriptedChat.Asked::answer);
            assertThat(bridge.ask(question("elsewhere"), PATIENCE).getAnswer().getReply())
                    .isEqualTo("You asked: elsewhere");
            Heard heard = new Heard();
            bridge.stream(question("streamed"), PATIENCE, heard);
            soon().until(heard::isDone);
            assertThat(heard.text()).isEqualTo("You asked: streamed");
        }
    }

    private ProducerRecord<byte[], byte[]> written(ScriptedChat.Asked asked, String text) {
        String id = asked.request().getRequestId();
        ChatReply reply =
                ChatReply.newBuilder(last("whole", 1, 0, text)).setRequestId(id).build();
        return new ProducerRecord<>(
                Topics.CHAT_REPLY,
                asked.partition(),
                ChatHeaders.replyKey(id, asked.partition()).getBytes(UTF_8),
                serdes.codec(ChatReply.class).encode(Topics.CHAT_REPLY, reply));
    }

    private static RecordMetadata where(int partition) {
        return new RecordMetadata(new TopicPartition(Topics.CHAT_REPLY, partition), 7, 0, 0, 1, 1);
    }

    @Test
    void shouldShareThePartitionsOutAndNameNoneOfTheOthers() {
        chat.will(ScriptedChat.Asked::answer);
        try (ChatBridge one = bridge()) {
            soon().until(() -> one.named().size() == ChatTopology.REPLY_PARTITIONS);
            try (ChatBridge two = bridge()) {
                awaitSplit(one, two);
                Set<Integer> both = new TreeSet<>(one.named());
                both.addAll(two.named());

                assertThat(both).hasSize(ChatTopology.REPLY_PARTITIONS);
                assertThat(one.read()).isEqualTo(one.named());
                assertThat(two.read()).isEqualTo(two.named());
                assertThat(partitionsNamedBy(one)).isEqualTo(one.named());
                assertThat(partitionsNamedBy(two)).isEqualTo(two.named());
            }
            soon().until(() -> one.named().size() == ChatTopology.REPLY_PARTITIONS);
        }
    }

    private Set<Integer> partitionsNamedBy(ChatBridge bridge) {
        Set<Integer> named = new TreeSet<>();
        for (int i = 0; i < ChatTopology.REPLY_PARTITIONS; i++) {
            ChatRequest request = question("which?");
            bridge.askAsync(request, PATIENCE).join();
            named.add(asked(request).partition());
        }
        return named;
    }

    @Test
    void shouldLoseNoReplyWhenPartitionsMoveWhileRequestsAreInFlight() throws Exception {
        try (ChatBridge one = bridge()) {
            soon().until(() -> one.named().size() == ChatTopology.REPLY_PARTITIONS);
            List<ChatRequest> requests = IntStream.range(0, 32)
                    .mapToObj(i -> question("number " + i))
                    .toList();
            List<CompletableFuture<ChatReply>> replies =
                    requests.stream().map(each -> one.askAsync(each, PATIENCE)).toList();
            List<ScriptedChat.Asked> waiting =
                    requests.stream().map(this::asked).toList();
            try (ChatBridge two = bridge()) {
                awaitSplit(one, two);
                assertThat(one.read())
                        .as("read as long as its replies are missing")
                        .hasSize(16);
                Heard heard = new Heard();
                ChatRequest streamed = question("meanwhile");
                one.stream(streamed, PATIENCE, heard);
                assertThat(two.named()).doesNotContain(asked(streamed).partition());

                waiting.forEach(ScriptedChat.Asked::answer);
                asked(streamed).answer();

                for (int i = 0; i < replies.size(); i++) {
                    assertThat(replies.get(i)
                                    .get(30, TimeUnit.SECONDS)
                                    .getAnswer()
                                    .getReply())
                            .isEqualTo("You asked: number " + i);
                }
                soon().until(heard::isDone);
                soon().until(() -> one.read().equals(one.named()) && one.read().size() == 8);
            }
        }
    }

    @Test
    void shouldStreamTheReplyWhileItIsMade() {
        try (ChatBridge bridge = bridge()) {
            Heard heard = new Heard();
            ChatRequest request = question("How long?");
            bridge.stream(request, PATIENCE, heard);
            ScriptedChat.Asked asked = asked(request);
            assertThat(asked.request().getStream()).isTrue();

            asked.reply(first("a", 1, "Until", Records.citation(1)));
            soon().until(() -> heard.text().equals("Until"));
            asked.reply(part("a", 1, 1, 5, " May"), last("a", 1, 2, "Until May."));
            soon().until(heard::isDone);

            assertThat(heard.lines())
                    .containsExactly("start", "citations [1]", "text Until", "text  May", "text .", "done Until May.");
            assertThat(bridge.inFlight()).isZero();
        }
    }

    @Test
    void shouldResumeAStreamOnAnotherBridgeWhereItBroke() {
        try (ChatBridge one = bridge();
                ChatBridge two = bridge()) {
            Heard before = new Heard();
            ChatRequest request = question("How long?");
            StreamedReply broken = one.stream(request, PATIENCE, before);
            ScriptedChat.Asked asked = asked(request);
            asked.reply(first("a", 1, "Until", Records.citation(1)), part("a", 1, 1, 5, " the"));
            soon().until(() -> before.text().equals("Until the"));

            broken.clientGone();
            asked.reply(part("a", 1, 2, 9, " end"));
            Heard after = new Heard();
            two.resume(before.lastId(), PATIENCE, after);
            soon().until(() -> after.text().equals(" end"));
            soon().until(() -> one.inFlight() == 0);
            asked.reply(last("a", 1, 3, "Until the end of May."));
            soon().until(after::isDone);

            assertThat(after.lines())
                    .containsExactly("start", "text  end", "text  of May.", "done Until the end of May.");
            assertThat(one.counters().cancelled()).isZero();
            assertThat(two.counters().resumed()).isEqualTo(1);
            soon().until(() -> two.inFlight() == 0);
            assertThat(isCancelled(request)).isFalse();
        }
    }

    @Test
    void shouldResumeAStreamFromItsStart() {
        try (ChatBridge bridge = bridge()) {
            Heard before = new Heard();
            ChatRequest request = question("How long?");
            StreamedReply broken = bridge.stream(request, PATIENCE, before);
            soon().until(before::isStarted);
            broken.clientGone();
            asked(request).reply(first("a", 1, "Until", Records.citation(1)), last("a", 1, 1, "Until May."));

            Heard after = new Heard();
            bridge.resume(before.lastId(), PATIENCE, after);
            soon().until(after::isDone);

            assertThat(after.lines())
                    .containsExactly("start", "citations [1]", "text Until", "text  May.", "done Until May.");
        }
    }

    @Test
    void shouldNotReadForLongWhatDoesNotBegin() {
        try (ChatBridge bridge = bridge()) {
            Heard before = new Heard();
            ChatRequest request = question("How long?");
            bridge.stream(request, PATIENCE, before);
            soon().until(before::isStarted);
            EventId there = before.lastId();

            Heard nothing = new Heard();
            bridge.resume(new EventId(there.partition(), there.offset(), 0, "of nobody"), PATIENCE, nothing);
            soon().until(() -> nothing.error() != null);

            assertThat(nothing.error()).as("it may begin later").isInstanceOf(StreamBrokenException.class);
            asked(request).answer();
            soon().until(() -> bridge.inFlight() == 0);
        }
    }

    @Test
    void shouldRepeatTheEndOfAStreamThatHadCome() {
        try (ChatBridge bridge = bridge()) {
            Heard before = new Heard();
            ChatRequest request = question("How long?");
            bridge.stream(request, PATIENCE, before);
            asked(request).reply(last("a", 1, 0, "Until May."));
            soon().until(before::isDone);

            Heard after = new Heard();
            bridge.resume(before.lastId(), PATIENCE, after);
            soon().until(after::isDone);

            assertThat(after.lines()).containsExactly("start", "done Until May.");
        }
    }

    @Test
    void shouldSayWhenThereIsNothingToResume() {
        try (ChatBridge bridge = bridge()) {
            Heard before = new Heard();
            ChatRequest request = question("How long?");
            bridge.stream(request, PATIENCE, before);
            asked(request).reply(last("a", 1, 0, "Until May."));
            soon().until(before::isDone);
            EventId there = before.lastId();

            for (EventId wrong : List.of(
                    new EventId(there.partition(), there.offset(), 1, "another request"),
                    new EventId(there.partition(), there.offset() + 1_000, 1, there.requestId()),
                    new EventId(there.partition(), there.offset() + 1_000, 0, there.requestId()),
                    new EventId(1_000, 0, 1, there.requestId()))) {
                Heard after = new Heard();
                bridge.resume(wrong, PATIENCE, after);
                soon().until(after::isStarted);
                assertThat(after.lines()).as(wrong.toString()).containsExactly("error key.unknown");
            }
            soon().until(() -> bridge.inFlight() == 0);
        }
    }

    @Test
    void shouldCancelAStreamWhoseClientDoesNotComeBack() {
        try (ChatBridge bridge = bridge()) {
            ChatRequest request = question("How long?");
            StreamedReply stream = bridge.stream(request, PATIENCE, new Heard());
            ScriptedChat.Asked asked = asked(request);

            stream.clientGone();
            soon().until(() -> isCancelled(request));

            ScriptedChat.Asked cancellation = chat.asked(request.getRequestId()).getLast();
            assertThat(cancellation.correlationId()).isEqualTo(request.getRequestId());
            assertThat(cancellation.partition()).isEqualTo(asked.partition());
            assertThat(cancellation.request().getSessionId()).isEqualTo(request.getSessionId());
            assertThat(bridge.counters().cancelled()).isEqualTo(1);
            soon().until(() -> bridge.inFlight() == 0);
        }
    }

    @Test
    void shouldCancelARequestWhoseFutureIsCancelled() {
        try (ChatBridge bridge = bridge()) {
            ChatRequest request = question("How long?");
            CompletableFuture<ChatReply> reply = bridge.askAsync(request, PATIENCE);

            reply.cancel(false);

            soon().until(() -> isCancelled(request));
            assertThat(bridge.inFlight()).isZero();
        }
    }

    @Test
    void shouldRefuseOneRequestMoreThanMayBeInFlight() throws Exception {
        try (ChatBridge bridge = bridge(SETTINGS.withMaxInFlight(2).withMaxResumed(1))) {
            ChatRequest first = question("one");
            CompletableFuture<ChatReply> waiting = bridge.askAsync(first, PATIENCE);
            Heard heard = new Heard();
            ChatRequest streamed = question("two");
            bridge.stream(streamed, PATIENCE, heard);
            assertBusy(() -> bridge.ask(question("three"), PATIENCE));
            assertBusy(() -> bridge.stream(question("three"), PATIENCE, new Heard()));
            assertThat(bridge.inFlight()).isEqualTo(2);

            soon().until(heard::isStarted);
            StreamedReply resumed = bridge.resume(heard.lastId(), PATIENCE, new Heard());
            assertBusy(() -> bridge.resume(heard.lastId(), PATIENCE, new Heard()));
            resumed.clientGone();

            asked(first).answer();
            assertThat(waiting.get(30, TimeUnit.SECONDS).getAnswer().getReply()).isEqualTo("You asked: one");
            ChatRequest third = question("three");
            CompletableFuture<ChatReply> now = bridge.askAsync(third, PATIENCE);
            asked(third).answer();
            assertThat(now.get(30, TimeUnit.SECONDS).getAnswer().getReply()).isEqualTo("You asked: three");
            asked(streamed).answer();
            soon().until(() -> bridge.inFlight() == 0);
        }
    }

    private static void assertBusy(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BUSY));
    }

    @Test
    void shouldSayWhereALateReplyWillBeWhenTheTimeIsOver() {
        try (ChatBridge bridge = bridge()) {
            ChatRequest remembered = question("How long?");
            ChatRequest forgotten = ChatRequest.newBuilder(question("How long?"))
                    .setRemember(false)
                    .build();
            ChatRequest order =
                    ChatRequest.newBuilder(question("")).setForget(true).build();

            for (ChatRequest request : List.of(remembered, forgotten, order)) {
                assertThatThrownBy(() -> bridge.ask(request, Duration.ofMillis(50)))
                        .isInstanceOfSatisfying(ChatTimeoutException.class, late -> {
                            assertThat(late.requestId()).isEqualTo(request.getRequestId());
                            assertThat(late.sessionId()).isEqualTo(request.getSessionId());
                            assertThat(late.becomesTurn()).isEqualTo(request.equals(remembered));
                        });
            }

            soon().until(() -> isCancelled(forgotten));
            assertThat(isCancelled(remembered)).isFalse();
            assertThat(isCancelled(order)).isFalse();
            assertThat(bridge.counters().timeouts()).isEqualTo(3);
            assertThat(bridge.inFlight()).isZero();
        }
    }

    @Test
    void shouldTellWhoeverWaitsThatItIsClosed() {
        ChatBridge bridge = bridge();
        ChatRequest remembered = question("one");
        CompletableFuture<ChatReply> reply = bridge.askAsync(remembered, PATIENCE);
        Heard heard = new Heard();
        bridge.stream(question("two"), PATIENCE, heard);
        soon().until(heard::isStarted);
        Heard resumed = new Heard();
        bridge.resume(heard.lastId(), PATIENCE, resumed);
        soon().until(resumed::isStarted);

        bridge.close();

        assertThatThrownBy(reply::get)
                .as("asked again, it would be answered twice")
                .cause()
                .isInstanceOfSatisfying(ChatTimeoutException.class, late -> {
                    assertThat(late.requestId()).isEqualTo(remembered.getRequestId());
                    assertThat(late.sessionId()).isEqualTo(remembered.getSessionId());
                    assertThat(late.becomesTurn()).isTrue();
                });
        assertThat(heard.error()).isInstanceOf(StreamBrokenException.class);
        assertThat(resumed.error()).isInstanceOf(StreamBrokenException.class);
        assertThat(bridge.counters().cancelled()).isZero();
        assertThatThrownBy(() -> bridge.askAsync(question("three"), PATIENCE).get())
                .hasCauseInstanceOf(StreamBrokenException.class);
    }

    @Test
    void shouldCancelWhatNobodyCanReadLaterWhenItIsClosed() {
        ChatBridge bridge = bridge();
        ChatRequest unremembered =
                ChatRequest.newBuilder(question("one")).setRemember(false).build();
        ChatRequest order = ChatRequest.newBuilder(question("")).setForget(true).build();
        CompletableFuture<ChatReply> reply = bridge.askAsync(unremembered, PATIENCE);
        CompletableFuture<ChatReply> forgotten = bridge.askAsync(order, PATIENCE);
        ChatRequest streamed = question("two");
        Heard heard = new Heard().withoutResuming();
        bridge.stream(streamed, PATIENCE, heard);
        soon().until(heard::isStarted);

        bridge.close();

        assertThatThrownBy(reply::get).hasCauseInstanceOf(StreamBrokenException.class);
        assertThatThrownBy(forgotten::get).hasCauseInstanceOf(StreamBrokenException.class);
        assertThat(heard.error()).isInstanceOf(StreamBrokenException.class);
        soon().until(() -> isCancelled(unremembered) && isCancelled(streamed));
        assertThat(bridge.counters().cancelled()).isEqualTo(2);
    }

    /** As many others as there are partitions have them all. */
    @Test
    void shouldBorrowAPartitionWhenTheGroupHasNoneLeft() throws Exception {
        chat.will(ScriptedChat.Asked::answer);
        List<PartitionMember> others = new ArrayList<>();
        List<ReplyPartitions> theirs = new ArrayList<>();
        try {
            for (int i = 0; i < ChatTopology.REPLY_PARTITIONS; i++) {
                Consumer<byte[], byte[]> consumer = new BridgeClients(kafka).member();
                ReplyPartitions partitions = new ReplyPartitions(() -> {});
                PartitionMember member = new PartitionMember(consumer, partitions, PATIENCE);
                theirs.add(partitions);
                others.add(member);
                member.start();
            }
            soon().until(() -> theirs.stream().allMatch(each -> each.wanted().size() == 1));

            try (ChatBridge bridge = bridge()) {
                assertThat(bridge.named()).hasSize(1);
                assertThat(bridge.ask(question("you?"), PATIENCE).getAnswer().getReply())
                        .isEqualTo("You asked: you?");
                assertThat(bridge.read()).isEqualTo(bridge.named());

                Set<Integer> left = theirs.getFirst().wanted();
                others.getFirst().close();
                soon().until(() -> bridge.named().equals(left));

                assertThat(bridge.ask(question("and now?"), PATIENCE)
                                .getAnswer()
                                .getReply())
                        .isEqualTo("You asked: and now?");
                soon().until(() -> bridge.read().equals(left));
            }
        } finally {
            others.forEach(PartitionMember::close);
        }
    }
}
