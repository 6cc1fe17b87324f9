package io.penstock.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.schema.ChatReply;
import io.penstock.schema.ChatRequest;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.KafkaMessageListenerContainer;
import org.springframework.kafka.listener.MessageListener;
import org.springframework.kafka.requestreply.ReplyingKafkaTemplate;
import org.springframework.kafka.support.KafkaHeaders;

/**
 * Requests and replies by spring-kafka: its {@code ReplyingKafkaTemplate} asks, and a listener container answers, with the settings
 * of the chat's clients. Offsets are committed as often as the chat commits, which costs it less than its own default. May be used by
 * any number of threads.
 */
final class ReplyingTemplate implements RoundTrip {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long COMMIT_MS = 100;

    private final EchoTopics.Pair pair;
    private final DefaultKafkaProducerFactory<String, ChatRequest> asks;
    private final DefaultKafkaProducerFactory<String, ChatReply> answers;
    private final KafkaMessageListenerContainer<String, ChatRequest> listener;
    private final ReplyingKafkaTemplate<String, ChatRequest, ChatReply> template;

    /** @param name of its topics and groups */
    ReplyingTemplate(EchoTopics topics, String name) throws InterruptedException {
        this(topics, name, null);
    }

    /** @param turns where each turn is kept before it is replied to; null for nowhere */
    ReplyingTemplate(EchoTopics topics, String name, @Nullable SpringTurns turns) throws InterruptedException {
        pair = topics.pair("template." + name);
        String listeners = "bench-template-listener-" + name;
        String readers = "bench-template-replies-" + name;
        Serializer<ChatRequest> requestOut = (_, request) -> topics.encode(request);
        Serializer<ChatReply> replyOut = (_, reply) -> topics.encode(reply);
        Deserializer<ChatRequest> requestIn = (_, bytes) -> topics.request(bytes);
        Deserializer<ChatReply> replyIn = (_, bytes) -> topics.reply(bytes);
        asks = new DefaultKafkaProducerFactory<>(topics.producer(), new StringSerializer(), requestOut);
        answers = new DefaultKafkaProducerFactory<>(topics.producer(), new StringSerializer(), replyOut);
        KafkaTemplate<String, ChatReply> replies = new KafkaTemplate<>(answers);
        ContainerProperties listening = properties(pair.requests(), listeners);
        listening.setMessageListener((MessageListener<String, ChatRequest>) record -> answer(replies, turns, record));
        listener = new KafkaMessageListenerContainer<>(
                new DefaultKafkaConsumerFactory<>(
                        fromTheStart(topics.consumer(listeners)), new StringDeserializer(), requestIn),
                listening);
        listener.start();
        template = new ReplyingKafkaTemplate<>(
                asks,
                new KafkaMessageListenerContainer<>(
                        new DefaultKafkaConsumerFactory<>(topics.consumer(readers), new StringDeserializer(), replyIn),
                        properties(pair.replies(), readers)));
        template.setDefaultReplyTimeout(PATIENCE);
        template.afterPropertiesSet();
        template.start();
        if (!template.waitForAssignment(PATIENCE)) {
            throw new IllegalStateException("the template reads no replies");
        }
    }

    /** What is asked before the listener has joined is answered, too. */
    private static Map<String, Object> fromTheStart(Map<String, Object> consumer) {
        consumer.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        return consumer;
    }

    private static ContainerProperties properties(String topic, String group) {
        ContainerProperties properties = new ContainerProperties(topic);
        properties.setGroupId(group);
        properties.setAckMode(ContainerProperties.AckMode.TIME);
        properties.setAckTime(COMMIT_MS);
        return properties;
    }

    private static void answer(
            KafkaTemplate<String, ChatReply> replies,
            @Nullable SpringTurns turns,
            ConsumerRecord<String, ChatRequest> request) {
        ChatReply answer = EchoTopics.reply(request.value());
        if (turns != null) {
            turns.remember(request.value(), answer);
        }
        byte[] correlation =
                request.headers().lastHeader(KafkaHeaders.CORRELATION_ID).value();
        String topic = new String(
                request.headers().lastHeader(KafkaHeaders.REPLY_TOPIC).value(), UTF_8);
        ProducerRecord<String, ChatReply> reply =
                new ProducerRecord<>(topic, request.value().getRequestId(), answer);
        reply.headers().add(KafkaHeaders.CORRELATION_ID, correlation);
        var _ = replies.send(reply);
    }

    @Override
    public String name() {
        return "ReplyingKafkaTemplate";
    }

    @Override
    public String ask(String question) throws Exception {
        return send(question).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    /** Asks without waiting. */
    CompletableFuture<String> send(String question) {
        return send(EchoTopics.request(question))
                .thenApply(reply -> reply.getAnswer().getReply());
    }

    /** Asks without waiting. */
    CompletableFuture<ChatReply> send(ChatRequest request) {
        ProducerRecord<String, ChatRequest> record =
                new ProducerRecord<>(pair.requests(), request.getSessionId(), request);
        record.headers().add(KafkaHeaders.REPLY_TOPIC, pair.replies().getBytes(UTF_8));
        return template.sendAndReceive(record).thenApply(ConsumerRecord::value);
    }

    @Override
    public void close() {
        template.destroy();
        listener.stop();
        asks.destroy();
        answers.destroy();
    }
}
