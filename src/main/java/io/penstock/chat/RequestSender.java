package io.penstock.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.Topics;
import io.penstock.schema.ChatReply;
import io.penstock.schema.ChatRequest;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.AvroSerdes;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what the bridge has to say: requests, cancellations, and notes that a stream was taken up.
 *
 * <p>Threading: may be called from any thread, an event loop too. Sending blocks only while the producer does not know its topic, which
 * it learns here at the start and keeps, or has no memory left. So what is small is sent by the caller itself, and what is large by a
 * thread of its own, with what comes behind it under the same key: an order to cancel a question must not overtake it. Callbacks come
 * from any of these threads or the producer's.
 */
final class RequestSender implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RequestSender.class);
    /** The most that the bound on requests lets into the producer's memory is less than it has, if all are as small as this. */
    private static final int SMALL_BYTES = 32 * 1024;

    /** Each takes as long as the producer may block. */
    private static final int LEARNING_ATTEMPTS = 60;

    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(2);

    private final Producer<byte[], byte[]> producer;
    private final AvroCodec<ChatRequest> requests;
    private final AvroCodec<ChatReply> replies;
    private final InstantSource clock;
    private final ExecutorService large;
    /** How many records of a key wait for the thread of the large ones. */
    private final Map<ByteBuffer, Integer> waiting = new ConcurrentHashMap<>();

    /**
     * Learns where the topics are.
     *
     * @throws PenstockException {@code not-ready} when Kafka does not say so
     */
    RequestSender(Producer<byte[], byte[]> producer, AvroSerdes serdes, InstantSource clock) {
        this.producer = producer;
        this.requests = serdes.codec(ChatRequest.class);
        this.replies = serdes.codec(ChatReply.class);
        this.clock = clock;
        this.large = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("chat-sender").daemon().factory());
        learn(Topics.CHAT_REQUEST);
        learn(Topics.CHAT_REPLY);
        var _ = requests.encode(Topics.CHAT_REQUEST, cancellation("", "")); // which asks for the schema's id
    }

    private void learn(String topic) {
        for (int attempt = 1; ; attempt++) {
            try {
                producer.partitionsFor(topic);
                return;
            } catch (TimeoutException e) {
                if (attempt == LEARNING_ATTEMPTS) {
                    throw new PenstockException(
                            ErrorCode.NOT_READY, "Kafka does not say where its topic " + topic + " is.", e);
                }
            }
        }
    }

    /** Sends a request whose reply goes to the partition. */
    void send(ChatRequest request, int partition, Callback sent) {
        ProducerRecord<byte[], byte[]> record;
        try {
            record = new ProducerRecord<>(
                    Topics.CHAT_REQUEST,
                    request.getSessionId().getBytes(UTF_8),
                    requests.encode(Topics.CHAT_REQUEST, request));
        } catch (RuntimeException e) {
            sent.onCompletion(null, e);
            return;
        }
        String correlationId = request.getCancel() == null ? request.getRequestId() : request.getCancel();
        record.headers()
                .add(ChatHeaders.REPLY_TOPIC, Topics.CHAT_REPLY.getBytes(UTF_8))
                .add(ChatHeaders.REPLY_PARTITION, Integer.toString(partition).getBytes(UTF_8))
                .add(ChatHeaders.CORRELATION_ID, correlationId.getBytes(UTF_8));
        send(record, sent);
    }

    /** Cancels a request that named the partition. Nobody waits for what comes of it. */
    void cancel(String requestId, String sessionId, int partition) {
        send(cancellation(requestId, sessionId), partition, (_, failure) -> {
            if (failure != null) {
                LOG.warn("The request {} could not be cancelled and is answered to the end", requestId, failure);
            }
        });
    }

    private ChatRequest cancellation(String requestId, String sessionId) {
        return ChatRequest.newBuilder()
                .setRequestId(requestId)
                .setMessage("")
                .setSessionId(sessionId)
                .setRequestedAt(clock.instant())
                .setCancel(requestId)
                .build();
    }

    /** Notes where a reply is written that its stream was taken up, for whoever passed it on before. */
    void takeOver(EventId id, String sessionId, Callback sent) {
        ChatReply note = ChatReply.newBuilder()
                .setRequestId(id.requestId())
                .setSessionId(sessionId)
                .setLast(false)
                .setTakenOver(true)
                .setAt(clock.instant())
                .build();
        try {
            send(
                    new ProducerRecord<>(
                            Topics.CHAT_REPLY,
                            id.partition(),
                            ChatHeaders.replyKey(id.requestId(), id.partition()).getBytes(UTF_8),
                            replies.encode(Topics.CHAT_REPLY, note)),
                    sent);
        } catch (RuntimeException e) {
            sent.onCompletion(null, e);
        }
    }

    private void send(ProducerRecord<byte[], byte[]> record, Callback sent) {
        boolean small = record.value().length <= SMALL_BYTES;
        if (small && waiting.isEmpty()) {
            sendNow(record, sent);
            return;
        }
        ByteBuffer key = ByteBuffer.wrap(record.key());
        if (small && !waiting.containsKey(key)) {
            sendNow(record, sent);
            return;
        }
        waiting.merge(key, 1, Integer::sum);
        try {
            large.execute(() -> {
                sendNow(record, sent);
                sent(key);
            });
        } catch (RejectedExecutionException e) {
            sent(key);
            sent.onCompletion(null, e);
        }
    }

    private void sent(ByteBuffer key) {
        waiting.computeIfPresent(key, (_, count) -> count == 1 ? null : count - 1);
    }

    private void sendNow(ProducerRecord<byte[], byte[]> record, Callback sent) {
        try {
            var _ = producer.send(record, sent);
        } catch (RuntimeException e) {
            sent.onCompletion(null, e); // closed, or interrupted
        }
    }

    /** What is on its way is still sent. */
    @Override
    public void close() {
        large.shutdownNow();
        producer.close(CLOSE_PATIENCE);
    }
}
