package io.penstock.chat;

import io.penstock.answer.Answerer;
import io.penstock.deadletter.Decode;
import io.penstock.kafka.Topics;
import io.penstock.schema.ChatReply;
import io.penstock.schema.ChatRequest;
import io.penstock.schema.Conversation;
import io.penstock.schema.FenceAck;
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
 *                                                       `-> chat-failed -> chat.reply, dead letters
 * </pre>
 *
 * <p>At least once: under exactly once a reply would be seen only after the commit. A repeated request is answered again, with
 * the same correlation id, and its turn is stored under its request id.
 */
public final class ChatTopology {
    public static final String NAME = "chat";
    public static final String CONVERSATIONS = "conversations";
    public static final String PENDING = "pending";
    /** Partitions of {@code chat.reply}. */
    public static final int REPLY_PARTITIONS = 16;

    static final String INTAKE = "chat-intake";
    static final String STAGE = "chat-answer";
    static final String REPLY = "chat-reply";
    static final String FAILED = "chat-failed";
    static final String REPLY_SINK = "chat-reply-sink";
    static final String FENCE_ACK_SINK = "fence-ack-sink";
    static final String DEAD_LETTERS = "dead-letter-sink";

    private final AvroSerdes serdes;
    private final Retriever retriever;
    private final Answerer answerer;
    private final StageRuntime runtime;
    private final ChatSettings settings;
    private final InstantSource clock;

    public ChatTopology(
            AvroSerdes serdes,
            Retriever retriever,
            Answerer answerer,
            StageRuntime runtime,
            ChatSettings settings,
            InstantSource clock) {
        this.serdes = serdes;
        this.retriever = retriever;
        this.answerer = answerer;
        this.runtime = runtime;
        this.settings = settings;
        this.clock = clock;
    }

    public Topology build() {
        ByteArrayDeserializer bytes = new ByteArrayDeserializer();
        ByteArraySerializer out = new ByteArraySerializer();
        StageOptions options = StageOptions.of(STAGE, PENDING, REPLY, FAILED)
                .withOrder(StageOrder.PER_KEY)
                .withMaxInFlight(settings.maxInFlight())
                .withCallTimeout(settings.callTimeout())
                .withAttempts(2, ChatCalls.BACKOFF, Duration.ofSeconds(2))
                .withTick(Duration.ofMillis(5));
        Topology topology = new Topology()
                .addSource("chat-request-source", bytes, bytes, Topics.CHAT_REQUEST)
                .addProcessor(
                        "chat-decode",
                        () -> new Decode<>(serdes.codec(ChatRequest.class), "chat-decode", INTAKE, DEAD_LETTERS),
                        "chat-request-source")
                .addProcessor(INTAKE, ChatIntake::new, "chat-decode")
                .addProcessor(
                        STAGE,
                        new DurableStageSupplier<String, Decoded<ChatRequest>, ReplyEmit.Answered>(
                                options,
                                Serdes.String(),
                                serdes.decoded(ChatRequest.class),
                                () -> new ChatCalls(retriever, answerer, settings, clock),
                                runtime),
                        INTAKE)
                .addProcessor(REPLY, () -> new ReplyEmit(settings.maxTurns()), STAGE)
                .addProcessor(FAILED, FailedEmit::new, STAGE)
                .addStateStore(
                        Stores.keyValueStoreBuilder(
                                Stores.persistentKeyValueStore(CONVERSATIONS),
                                Serdes.String(),
                                serdes.store(Conversation.class)),
                        STAGE,
                        REPLY);
        topology.addSink(
                REPLY_SINK,
                Topics.CHAT_REPLY,
                new StringSerializer(),
                serdes.topic(ChatReply.class).serializer(),
                new ToNamedPartition(),
                REPLY,
                FAILED);
        topology.addSink(
                FENCE_ACK_SINK,
                Topics.FENCE_ACK,
                new StringSerializer(),
                serdes.topic(FenceAck.class).serializer(),
                REPLY);
        return topology.addSink(DEAD_LETTERS, Topics.deadLetter(NAME), out, out, "chat-decode", INTAKE, FAILED);
    }

    /** The partition that the reply's key names. */
    static final class ToNamedPartition implements StreamPartitioner<String, ChatReply> {
        @Override
        public Optional<Set<Integer>> partitions(String topic, String key, ChatReply value, int numPartitions) {
            return Optional.of(Set.of(ChatHeaders.partitionOf(key) % numPartitions));
        }
    }
}
