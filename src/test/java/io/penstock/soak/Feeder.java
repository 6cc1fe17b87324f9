package io.penstock.soak;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/** Sends inputs all the time, a backlog first, and remembers each. */
final class Feeder implements AutoCloseable {
    private static final int BACKLOG = 300;
    private static final int KEYS = 40;
    private static final int STEPS_PER_SECOND = 10;

    /** Not the time of sending, which an outcome could have by mistake. */
    private final long firstTimestamp = System.currentTimeMillis() - 3_600_000;

    private final SoakTopics topics;
    private final Pace pace;
    private final Random random;
    private final KafkaProducer<String, String> producer;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private final Thread thread;
    private final List<Sending> sending = new ArrayList<>();
    private int slowLeft;
    private int stuckLeft;

    private record Sending(
            Work work, String key, long timestamp, List<Header> headers, Future<RecordMetadata> metadata) {}

    Feeder(String bootstrapServers, SoakTopics topics, Pace pace, Random random) {
        this.topics = topics;
        this.pace = pace;
        this.random = random;
        this.slowLeft = pace.slowCalls();
        this.stuckLeft = pace.stuckCalls();
        this.producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers, "acks", "all", "enable.idempotence", true),
                new StringSerializer(),
                new StringSerializer());
        this.thread = Thread.ofVirtual().name("feeder").start(this::feed);
    }

    private void feed() {
        try {
            for (int i = 0; i < BACKLOG; i++) {
                send();
            }
            while (!stopped.await(1_000 / STEPS_PER_SECOND, TimeUnit.MILLISECONDS)) {
                for (int i = 0; i < pace.perSecond() / STEPS_PER_SECOND; i++) {
                    send();
                }
            }
        } catch (InterruptedException | RuntimeException e) {
            failure.set(e);
        }
    }

    private void send() {
        long id = sending.size();
        boolean ordered = random.nextBoolean();
        Work work = work(id, ordered);
        String key = "key-" + random.nextInt(KEYS);
        List<Header> headers = List.of(
                new RecordHeader("trace", Long.toHexString(random.nextLong()).getBytes(UTF_8)),
                new RecordHeader("penstock-hop", new byte[] {0, (byte) id, -1}),
                new RecordHeader("penstock-hop", null));
        long timestamp = firstTimestamp + id;
        String topic = ordered ? topics.ordered() : topics.free();
        sending.add(new Sending(
                work,
                key,
                timestamp,
                headers,
                producer.send(new ProducerRecord<>(topic, null, timestamp, key, work.value(), headers))));
    }

    private Work work(long id, boolean ordered) {
        if (id % 25 == 7 && slowLeft > 0) {
            slowLeft--;
            return new Work(id, Work.Kind.SLOW, pace.slow().toMillis());
        }
        if (id % 90 == 11 && stuckLeft > 0 && !ordered) {
            stuckLeft--;
            return new Work(id, Work.Kind.STUCK, 0);
        }
        int roll = random.nextInt(100);
        if (roll < 15) {
            return new Work(id, Work.Kind.FLAKY, 1 + random.nextInt(Work.MAX_ATTEMPTS - 1));
        }
        if (roll < 20) {
            return new Work(id, Work.Kind.POISON, 0);
        }
        if (roll < 24) {
            return new Work(id, Work.Kind.UNAVAILABLE, 0);
        }
        return new Work(id, Work.Kind.QUICK, random.nextInt(60));
    }

    /** Sends no more; returns all that was sent, in the order of sending. */
    List<Sent> stop() throws Exception {
        stopped.countDown();
        thread.join();
        Exception failed = failure.get();
        if (failed != null) {
            throw failed;
        }
        producer.flush();
        List<Sent> sent = new ArrayList<>();
        for (Sending one : sending) {
            RecordMetadata at = one.metadata().get();
            sent.add(new Sent(
                    one.work(), one.key(), one.timestamp(), one.headers(), at.topic(), at.partition(), at.offset()));
        }
        return sent;
    }

    @Override
    public void close() {
        stopped.countDown();
        producer.close();
    }
}
