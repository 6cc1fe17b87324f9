package io.penstock.bench;

import io.penstock.kafka.KafkaProvisioner;
import io.penstock.kafka.KafkaSettings;
import io.penstock.kafka.TopicSpec;
import io.penstock.kafka.Topics;
import io.penstock.registry.EmbeddedRegistry;
import io.penstock.schema.ChatAnswer;
import io.penstock.schema.ChatReply;
import io.penstock.schema.ChatRequest;
import io.penstock.schema.Conversation;
import io.penstock.schema.Usage;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.AvroSerdes;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * Pairs of topics with the settings of {@code chat.request} and {@code chat.reply}, for others to do over them what the chat does:
 * with its records, and with the settings of its clients.
 */
final class EchoTopics implements AutoCloseable {
    private static final int REQUEST_PARTITIONS = 4;
    static final int REPLY_PARTITIONS = 16;

    private final KafkaSettings kafka;
    private final EmbeddedRegistry registry;
    private final AvroCodec<ChatRequest> requests;
    private final AvroCodec<ChatReply> replies;
    private final AvroCodec<Conversation> conversations;

    /** @param bootstrapServers where an application runs, which has registered the schemas */
    EchoTopics(String bootstrapServers) {
        this.kafka = new KafkaSettings(bootstrapServers, Map.of(), (short) 1);
        this.registry = EmbeddedRegistry.start(kafka);
        AvroSerdes serdes = new AvroSerdes(registry);
        this.requests = serdes.codec(ChatRequest.class);
        this.replies = serdes.codec(ChatReply.class);
        this.conversations = serdes.codec(Conversation.class);
    }

    /** The names of a pair. */
    record Pair(String requests, String replies) {}

    Pair pair(String name) {
        Pair pair = new Pair("bench." + name + ".request", "bench." + name + ".reply");
        try (Admin admin = Admin.create(kafka.admin())) {
            new KafkaProvisioner(admin, (short) 1)
                    .ensure(List.of(
                            TopicSpec.kept(pair.requests(), REQUEST_PARTITIONS, Duration.ofDays(1)),
                            TopicSpec.kept(pair.replies(), REPLY_PARTITIONS, Duration.ofDays(1))));
        }
        return pair;
    }

    /** A topic that keeps the last record of each key; returns its whole name. */
    String compacted(String name) {
        String topic = "bench." + name;
        try (Admin admin = Admin.create(kafka.admin())) {
            new KafkaProvisioner(admin, (short) 1)
                    .ensure(List.of(TopicSpec.compacted(topic, REQUEST_PARTITIONS, Duration.ofDays(1))));
        }
        return topic;
    }

    Map<String, Object> producer() {
        Map<String, Object> config = new HashMap<>(kafka.producer());
        config.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        return config;
    }

    /** Begins at the end of what there is. */
    Map<String, Object> consumer() {
        return kafka.consumer("latest");
    }

    Map<String, Object> consumer(String group) {
        Map<String, Object> config = new HashMap<>(consumer());
        config.put(ConsumerConfig.GROUP_ID_CONFIG, group);
        return config;
    }

    static ChatRequest request(String question) {
        return request(UUID.randomUUID().toString(), question);
    }

    static ChatRequest request(String session, String question) {
        return ChatRequest.newBuilder()
                .setRequestId(UUID.randomUUID().toString())
                .setMessage(question)
                .setSessionId(session)
                .setRequestedAt(Instant.now())
                .build();
    }

    /** The question is its own answer. */
    static ChatReply reply(ChatRequest request) {
        return ChatReply.newBuilder()
                .setRequestId(request.getRequestId())
                .setSessionId(request.getSessionId())
                .setAnswer(ChatAnswer.newBuilder()
                        .setReply(request.getMessage())
                        .setAnswered(true)
                        .setAnswerer("echo")
                        .setUsage(Usage.newBuilder().build())
                        .build())
                .setAt(Instant.now())
                .build();
    }

    // The schemas are those of the chat's own topics, and registered for them.

    byte[] encode(ChatRequest request) {
        return requests.encode(Topics.CHAT_REQUEST, request);
    }

    byte[] encode(ChatReply reply) {
        return replies.encode(Topics.CHAT_REPLY, reply);
    }

    byte[] encode(String topic, Conversation conversation) {
        return conversations.encode(topic, conversation);
    }

    ChatRequest request(byte[] bytes) {
        return requests.decode(bytes);
    }

    ChatReply reply(byte[] bytes) {
        return replies.decode(bytes);
    }

    @Override
    public void close() {
        registry.close();
    }
}
