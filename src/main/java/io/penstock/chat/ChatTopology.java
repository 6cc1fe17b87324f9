package io.penstock.chat;

import io.penstock.answer.Answerer;
import io.penstock.deadletter.Decode;
import io.penstock.kafka.Topics;
import io.penstock.schema.ChatReply;
import io.penstock.schema.ChatRequest;
import io.penstock.schema.Conversation;
import io.penstock.schema.FenceAck;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.Decoded;
import io.penstock.stage.DurableStageSupplier;
import io.penstock.stage.StageOptions;
import io.penstock.stage.StageOrder;
import io.penstock.stage.StageRuntime;
import io.penstock.vector.Retriever;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.apache.kafka.streams.state.Stores;

/**
 * From {@code chat.request} to {@code chat.reply}: retrieves passages, answers, and remembers the turn.
 *
 * <pre>
 *  chat.request -> chat-decode -> chat-intake -> chat-answer (stage) -> chat-reply -> chat.reply, fence.ack
 *                                                       |-> chat-parts -> chat.reply
 *                                                       `-> chat-failed -> chat.reply, dead letters
 * </pre>
 *
 * <p>Each reply that is to go to a topic of others goes to chat-delivery (stage) instead of {@code chat.reply}, and from there
 * to that topic, or to the dead letters.
 *
 * <p>At least once: under exactly once a reply would be seen only after the commit. A request that is repeated while its turn is
 * remembered is replied to with that turn; else it is answered again, with the same correlation id.
 */
public final class ChatTopology {
    public static final String NAME = "chat";
    public static final String CONVERSATIONS = "conversations";
    public static final String PENDING = "pending";
    public static final String UNDELIVERED = "undelivered";
    /** Partitions of {@code chat.reply}. */
    public static final int REPLY_PARTITIONS = 16;

    static final String INTAKE = "chat-intake";
    static final String STAGE = "chat-answer";
    static final String REPLY = "chat-reply";
    static final String PARTS = "chat-parts";
    static final String FAILED = "chat-failed";
    static final String DELIVERY = "chat-delivery";
    static final String DELIVERED = "chat-delivered";
    static final String REPLY_SINK = "chat-reply-sink";
    static final String FENCE_ACK_SINK = "fence-ack-sink";
    static final String DEAD_LETTERS = "dead-letter-sink";

    private static final Duration DELIVERY_TIMEOUT = Duration.ofSeconds(20);
    private static final int DELIVERIES = 64;
    /**
     * Never full, since that would hold up questions. What waits for a partition that takes nothing fails within seconds, since
     * such a partition is {@linkplain Refusals left alone}, and of a streamed reply only the end is tried.
     */
    private static final int DELIVERIES_PARKED = Integer.MAX_VALUE;

    private final AvroSerdes serdes;
    private final Retriever retriever;
    private final Answerer answerer;
    private final ReplyTopics replyTopics;
    private final StageRuntime runtime;
    private final ChatSettings settings;
    private final InstantSource clock;
    private final PartTimer timer;

    public ChatTopology(
            AvroSerdes serdes,
            Retriever retriever,
            Answerer answerer,
            ReplyTopics replyTopics,
            StageRuntime runtime,
            ChatSettings settings,
            InstantSource clock) {
        this(serdes, retriever, answerer, replyTopics, runtime, settings, clock, PartTimer.system());
    }

    ChatTopology(
            AvroSerdes serdes,
            Retriever retriever,
            Answerer answerer,
            ReplyTopics replyTopics,
            StageRuntime runtime,
            ChatSettings settings,
            InstantSource clock,
            PartTimer timer) {
        this.serdes = serdes;
        this.retriever = retriever;
        this.answerer = answerer;
        this.replyTopics = replyTopics;
        this.runtime = runtime;
        this.settings = settings;
        this.clock = clock;
        this.timer = timer;
    }

    public Topology build() {
        ByteArrayDeserializer bytes = new ByteArrayDeserializer();
        AvroCodec<ChatReply> replies = serdes.codec(ChatReply.class);
        TaskConversations conversations = new TaskConversations(settings.memory());
        Topology topology = new Topology()
                .addSource("chat-request-source", bytes, bytes, Topics.CHAT_REQUEST)
                .addProcessor(
                        "chat-decode",
                        () -> new Decode<>(serdes.codec(ChatRequest.class), "chat-decode", INTAKE, DEAD_LETTERS),
                        "chat-request-source")
                .addProcessor(INTAKE, () -> new ChatIntake(settings.partitions()), "chat-decode")
                .addProcessor(STAGE, answering(conversations), INTAKE)
                .addProcessor(REPLY, () -> new ReplyEmit(replies, conversations, settings.memory()), STAGE)
                .addProcessor(PARTS, () -> new PartEmit(replies), STAGE)
                .addProcessor(FAILED, () -> new FailedEmit(replies), STAGE)
                .addProcessor(DELIVERY, delivering(), REPLY, PARTS, FAILED)
                .addProcessor(DELIVERED, DeliveryEnd::new, DELIVERY)
                .addStateStore(
                        Stores.keyValueStoreBuilder(
                                Stores.persistentKeyValueStore(CONVERSATIONS),
                                Serdes.String(),
                                serdes.store(Conversation.class)),
                        STAGE,
                        REPLY);
        addSinks(topology);
        return topology;
    }

    private DurableStageSupplier<String, Decoded<ChatRequest>, ChatResult> answering(TaskConversations conversations) {
        StageOptions options = StageOptions.of(STAGE, PENDING, REPLY, FAILED)
                .withEventChild(PARTS)
                .withOrder(StageOrder.PER_KEY)
                .withMaxInFlight(settings.maxInFlight())
                .withCallTimeout(settings.callTimeout())
                .withAttempts(2, ChatCalls.BACKOFF, Duration.ofSeconds(2))
                .withLingerForResult(Duration.ofMillis(1))
                .withTick(Duration.ofMillis(5));
        Passages passages = new Passages(retriever, settings);
        return new DurableStageSupplier<>(
                options,
                Serdes.String(),
                serdes.decoded(ChatRequest.class),
                () -> new ChatCalls(passages, answerer, replyTopics, settings, clock, timer, conversations),
                runtime);
    }

    private DurableStageSupplier<String, Decoded<ChatReply>, DeliveryCalls.Delivered> delivering() {
        StageOptions options = StageOptions.of(DELIVERY, UNDELIVERED, DELIVERED, DELIVERED)
                .withOrder(StageOrder.PER_KEY)
                .withMaxInFlight(DELIVERIES)
                .withMaxParked(DELIVERIES_PARKED)
                .withCallTimeout(DELIVERY_TIMEOUT)
                .withAttempts(DeliveryCalls.ATTEMPTS, Duration.ofMillis(200), Duration.ofSeconds(2))
                .withTick(Duration.ofMillis(5));
        return new DurableStageSupplier<>(
                options,
                Serdes.String(),
                serdes.decoded(ChatReply.class),
                () -> new DeliveryCalls(replyTopics),
                runtime);
    }

    private void addSinks(Topology topology) {
        StringSerializer keys = new StringSerializer();
        ByteArraySerializer bytes = new ByteArraySerializer();
        topology.addSink(
                        REPLY_SINK,
                        Topics.CHAT_REPLY,
                        keys,
                        serdes.topic(ChatReply.class).serializer(),
                        new ToNamedPartition(),
                        REPLY,
                        PARTS,
                        FAILED)
                .addSink(
                        FENCE_ACK_SINK,
                        Topics.FENCE_ACK,
                        keys,
                        serdes.topic(FenceAck.class).serializer(),
                        REPLY)
                .addSink(DEAD_LETTERS, Topics.deadLetter(NAME), bytes, bytes, "chat-decode", INTAKE, FAILED, DELIVERED);
    }

    /** The partition that the reply's key names. */
    static final class ToNamedPartition implements StreamPartitioner<String, ChatReply> {
        @Override
        public Optional<Set<Integer>> partitions(String topic, String key, ChatReply value, int numPartitions) {
            return Optional.of(Set.of(ChatHeaders.partitionOf(key) % numPartitions));
        }
    }
}
