package io.penstock.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.kafka.KafkaSettings;
import io.penstock.kafka.Topics;
import io.penstock.schema.ChatReply;
import io.penstock.schema.ChatRequest;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.AvroSerdes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Stands for the chat topology: reads requests, keeps them, and answers each as a script says or when the test says so. */
final class ScriptedChat implements AutoCloseable {
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final KafkaProducer<byte[], byte[]> producer;
    private final AvroCodec<ChatRequest> requests;
    private final AvroCodec<ChatReply> replies;
    private final Thread thread;
    private final List<Asked> asked = new ArrayList<>();
    private volatile Consumer<Asked> script = later -> {};
    private volatile boolean closed;

    ScriptedChat(KafkaSettings kafka, AvroSerdes serdes) {
        requests = serdes.codec(ChatRequest.class);
        replies = serdes.codec(ChatReply.class);
        consumer =
                new KafkaConsumer<>(kafka.consumer("latest"), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        Map<String, Object> config = new HashMap<>(kafka.producer());
        config.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
        List<TopicPartition> all = consumer.partitionsFor(Topics.CHAT_REQUEST).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(all);
        consumer.seekToEnd(all);
        all.forEach(consumer::position);
        thread = Thread.ofPlatform().name("scripted-chat").daemon().start(this::run);
    }

    /** A request, with what its headers say. */
    final class Asked {
        private final ChatRequest request;
        private final String correlationId;
        private final int partition;

        private Asked(ConsumerRecord<byte[], byte[]> record) {
            request = requests.decode(record.value());
            correlationId = ChatHeaders.text(record.headers(), ChatHeaders.CORRELATION_ID)
                    .orElseThrow();
            partition = Integer.parseInt(ChatHeaders.text(record.headers(), ChatHeaders.REPLY_PARTITION)
                    .orElseThrow());
        }

        ChatRequest request() {
            return request;
        }

        String correlationId() {
            return correlationId;
        }

        int partition() {
            return partition;
        }

        /** The whole answer, which repeats the question. */
        void answer() {
            reply(Records.last("whole", 1, 0, "You asked: " + request.getMessage()));
        }

        /** Records of its reply; returns when they are written. */
        void reply(ChatReply... records) {
            for (ChatReply record : records) {
                ChatReply own = ChatReply.newBuilder(record)
                        .setRequestId(request.getRequestId())
                        .setSessionId(request.getSessionId())
                        .setAt(Instant.now())
                        .build();
                try {
                    producer.send(new ProducerRecord<>(
                                    Topics.CHAT_REPLY,
                                    partition,
                                    ChatHeaders.replyKey(correlationId, partition)
                                            .getBytes(UTF_8),
                                    replies.encode(Topics.CHAT_REPLY, own)))
                            .get();
                } catch (InterruptedException | ExecutionException e) {
                    throw new AssertionError(e);
                }
            }
        }
    }

    /** Does this with each request from now on. */
    void will(Consumer<Asked> newScript) {
        script = newScript;
    }

    List<Asked> asked() {
        synchronized (asked) {
            return List.copyOf(asked);
        }
    }

    /** The requests with this id, in their order: a question, and perhaps its cancellation. */
    List<Asked> asked(String requestId) {
        return asked().stream()
                .filter(each -> each.request().getRequestId().equals(requestId))
                .toList();
    }

    private void run() {
        try (consumer) {
            while (!closed) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    Asked each = new Asked(record);
                    synchronized (asked) {
                        asked.add(each);
                    }
                    script.accept(each);
                }
            }
        } catch (WakeupException e) {
            // closed
        }
    }

    @Override
    public void close() {
        closed = true;
        consumer.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.close();
    }
}
