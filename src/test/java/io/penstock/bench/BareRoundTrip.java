package io.penstock.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.schema.ChatReply;
import io.penstock.schema.ChatRequest;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The least that a request and its reply can take over two topics: whoever asks sends a record and polls until the reply is there,
 * and one loop sends back what it reads. Nothing is kept or committed. Used by one thread.
 */
final class BareRoundTrip implements RoundTrip {
    private static final Duration POLL = Duration.ofMillis(500);
    private static final long PATIENCE_NANOS = Duration.ofSeconds(60).toNanos();

    private final EchoTopics topics;
    private final EchoTopics.Pair pair;
    private final KafkaProducer<byte[], byte[]> asks;
    private final KafkaConsumer<byte[], byte[]> awaits;
    private final KafkaProducer<byte[], byte[]> answers;
    private final KafkaConsumer<byte[], byte[]> reads;
    private volatile boolean closed;
    private int turn;

    BareRoundTrip(EchoTopics topics) {
        this.topics = topics;
        this.pair = topics.pair("bare");
        this.asks = producer();
        this.answers = producer();
        this.awaits = consumer(pair.replies());
        this.reads = consumer(pair.requests());
        Thread.ofPlatform().name("bare-echo").daemon().start(this::echo);
    }

    private KafkaProducer<byte[], byte[]> producer() {
        return new KafkaProducer<>(topics.producer(), new ByteArraySerializer(), new ByteArraySerializer());
    }

    private KafkaConsumer<byte[], byte[]> consumer(String topic) {
        KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(topics.consumer(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
        return consumer;
    }

    @Override
    public String name() {
        return "bare round trip";
    }

    @Override
    public String ask(String question) {
        ChatRequest request = EchoTopics.request(question);
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(pair.requests(), request.getSessionId().getBytes(UTF_8), topics.encode(request));
        record.headers()
                .add(
                        "partition",
                        Integer.toString(turn++ % EchoTopics.REPLY_PARTITIONS).getBytes(UTF_8));
        var _ = asks.send(record);
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (System.nanoTime() < deadline) {
            for (ConsumerRecord<byte[], byte[]> one : awaits.poll(POLL)) {
                ChatReply reply = topics.reply(one.value());
                if (reply.getRequestId().equals(request.getRequestId())) {
                    return reply.getAnswer().getReply();
                }
            }
        }
        throw new IllegalStateException("no reply came over " + pair.replies());
    }

    private void echo() {
        try {
            while (!closed) {
                for (ConsumerRecord<byte[], byte[]> record : reads.poll(POLL)) {
                    ChatReply reply = EchoTopics.reply(topics.request(record.value()));
                    int partition = Integer.parseInt(
                            new String(record.headers().lastHeader("partition").value(), UTF_8));
                    var _ = answers.send(new ProducerRecord<>(
                            pair.replies(), partition, reply.getRequestId().getBytes(UTF_8), topics.encode(reply)));
                }
            }
        } catch (WakeupException e) {
            // closed
        } finally {
            reads.close();
        }
    }

    @Override
    public void close() {
        closed = true;
        reads.wakeup(); // the loop closes it
        awaits.close();
        asks.close();
        answers.close();
    }
}
