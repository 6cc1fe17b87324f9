package io.penstock.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.Topics;
import io.penstock.schema.ChatReply;
import io.penstock.schema.ChatRequest;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.AvroSerdes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Joins HTTP callers with the chat topics: sends a request and waits for the reply with its correlation id.
 *
 * <p><b>Threading.</b> {@link #ask} may be called from any thread. The consumer belongs to the bridge's own thread.
 */
public final class ChatBridge implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ChatBridge.class);
    private static final int MAX_IN_FLIGHT = 256;

    private final Producer<byte[], byte[]> producer;
    private final Consumer<byte[], byte[]> consumer;
    private final AvroCodec<ChatRequest> requests;
    private final AvroCodec<ChatReply> replies;
    private final Map<String, CompletableFuture<ChatReply>> inFlight = new ConcurrentHashMap<>();
    private final AtomicInteger nextPartition = new AtomicInteger();
    private final Thread reader;
    private volatile boolean closed;

    /**
     * Starts reading replies; when this returns, no reply to a later request can be missed.
     *
     * @param consumer without a group, reading committed records; the bridge closes it
     */
    public ChatBridge(Producer<byte[], byte[]> producer, Consumer<byte[], byte[]> consumer, AvroSerdes serdes) {
        this.producer = producer;
        this.consumer = consumer;
        this.requests = serdes.codec(ChatRequest.class);
        this.replies = serdes.codec(ChatReply.class);
        List<TopicPartition> partitions = IntStream.range(0, ChatTopology.REPLY_PARTITIONS)
                .mapToObj(partition -> new TopicPartition(Topics.CHAT_REPLY, partition))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position); // seeks are lazy; the position makes them now
        this.reader = Thread.ofPlatform().name("chat-bridge").daemon().start(this::read);
    }

    /**
     * Asks and waits.
     *
     * @throws PenstockException {@code busy} when too many questions are waiting, {@code chat.timeout} when the time is over,
     *     {@code not-ready} when the request cannot be sent, or whatever the reply says went wrong
     */
    public ChatReply ask(ChatRequest request, Duration patience) throws InterruptedException {
        if (inFlight.size() >= MAX_IN_FLIGHT) {
            throw new PenstockException(
                    ErrorCode.BUSY, MAX_IN_FLIGHT + " questions are being answered; ask again in a second.");
        }
        CompletableFuture<ChatReply> reply = new CompletableFuture<>();
        String correlationId = request.getRequestId();
        inFlight.put(correlationId, reply);
        try {
            send(request, correlationId);
            return reply.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new PenstockException(
                    ErrorCode.CHAT_TIMEOUT,
                    "There was no answer within " + patience.toSeconds() + " s; the request is " + correlationId + ".",
                    e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof PenstockException told) {
                throw told;
            }
            throw new PenstockException(
                    ErrorCode.NOT_READY, "The question could not be sent; ask again in a moment.", e);
        } finally {
            inFlight.remove(correlationId);
        }
    }

    private void send(ChatRequest request, String correlationId) throws InterruptedException, ExecutionException {
        int partition = Math.floorMod(nextPartition.getAndIncrement(), ChatTopology.REPLY_PARTITIONS);
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                Topics.CHAT_REQUEST,
                request.getSessionId().getBytes(UTF_8),
                requests.encode(Topics.CHAT_REQUEST, request));
        record.headers()
                .add(ChatHeaders.REPLY_TOPIC, Topics.CHAT_REPLY.getBytes(UTF_8))
                .add(ChatHeaders.REPLY_PARTITION, Integer.toString(partition).getBytes(UTF_8))
                .add(ChatHeaders.CORRELATION_ID, correlationId.getBytes(UTF_8));
        producer.send(record).get();
    }

    private void read() {
        while (!closed) {
            try {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
                    complete(record);
                }
            } catch (WakeupException e) {
                LOG.debug("The chat bridge is being closed");
            } catch (RuntimeException e) {
                LOG.warn("A reply could not be read", e);
            }
        }
        consumer.close(org.apache.kafka.clients.consumer.CloseOptions.timeout(Duration.ofSeconds(1)));
    }

    private void complete(ConsumerRecord<byte[], byte[]> record) {
        if (record.key() == null || record.value() == null) {
            return;
        }
        String key = new String(record.key(), UTF_8);
        CompletableFuture<ChatReply> waiting = inFlight.get(key.substring(0, Math.max(0, key.lastIndexOf('/'))));
        if (waiting != null) {
            try {
                waiting.complete(replies.decode(record.value()));
            } catch (PenstockException e) {
                waiting.completeExceptionally(e);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        PenstockException stopping =
                new PenstockException(ErrorCode.NOT_READY, "Penstock is stopping; ask again when it is back.");
        inFlight.values().forEach(waiting -> waiting.completeExceptionally(stopping));
        consumer.wakeup();
        try {
            reader.join(Duration.ofSeconds(2));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
