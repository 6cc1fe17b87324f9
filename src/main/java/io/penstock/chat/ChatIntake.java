package io.penstock.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.deadletter.DeadLetter;
import io.penstock.error.ErrorCode;
import io.penstock.schema.ChatRequest;
import io.penstock.serde.Decoded;
import java.util.Optional;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Lets only those requests pass that can be answered (a question, or the order to cancel one or to forget, and headers that say where
 * the reply is to go), and fences.
 */
final class ChatIntake implements Processor<String, Decoded<ChatRequest>, Object, Object> {
    /** UTF-16 units of a question; with its answer it is kept as one record. */
    private static final int MAX_MESSAGE = 100_000;

    private static final int MAX_ID = 1_000;

    private final int partitions;
    private @Nullable ProcessorContext<Object, Object> context;

    /** @param partitions of {@code chat.request} */
    ChatIntake(int partitions) {
        this.partitions = partitions;
    }

    @Override
    public void init(ProcessorContext<Object, Object> newContext) {
        context = newContext;
    }

    @Override
    @SuppressWarnings("NullAway") // init() comes before process()
    public void process(Record<String, Decoded<ChatRequest>> record) {
        ChatRequest request = record.value().value();
        if (request.getFence() != null) {
            context.forward(
                    new Record<Object, Object>(
                            request.getFence().getFenceId(), record.value(), record.timestamp(), record.headers()),
                    ChatTopology.STAGE);
            return;
        }
        Optional<String> fault =
                fault(request, record.headers(), context.taskId().partition());
        if (fault.isPresent()) {
            DeadLetter.of(ErrorCode.RECORD_INVALID.code(), fault.get(), ChatTopology.INTAKE, context.recordMetadata())
                    .forward(
                            context,
                            ChatTopology.DEAD_LETTERS,
                            record.key() == null ? null : record.key().getBytes(UTF_8),
                            record.value().bytes(),
                            record.timestamp(),
                            record.headers());
            return;
        }
        // One session's requests are answered in their order: the session is the lane.
        context.forward(
                new Record<Object, Object>(
                        request.getSessionId(), record.value(), record.timestamp(), record.headers()),
                ChatTopology.STAGE);
    }

    private Optional<String> fault(ChatRequest request, Headers headers, int partition) {
        return ids(request)
                .or(() -> isOrder(request) ? Optional.empty() : question(request))
                .or(() -> ReplyAddress.fault(headers))
                .or(() -> place(request, partition));
    }

    /** A session is kept in one partition: elsewhere nothing of it is known, and its questions would have no order. */
    private Optional<String> place(ChatRequest request, int partition) {
        int wanted = BuiltInPartitioner.partitionForKey(request.getSessionId().getBytes(UTF_8), partitions);
        return wanted == partition
                ? Optional.empty()
                : Optional.of("The request stands in partition " + partition + " of " + partitions
                        + ", and its session belongs into " + wanted + ": send it with the session_id as its key and"
                        + " the default partitioner of Kafka's Java client, which takes murmur2 of the key (for"
                        + " librdkafka: partitioner=murmur2_random).");
    }

    /** Whether nothing is asked, but something of the session given up. */
    private static boolean isOrder(ChatRequest request) {
        return request.getCancel() != null || request.getForget();
    }

    private static Optional<String> ids(ChatRequest request) {
        String id = request.getCancel() == null ? request.getRequestId() : request.getCancel();
        if (request.getSessionId().isBlank() || id.isBlank()) {
            return Optional.of("A chat request has a session_id and a request_id, or the one it is to cancel.");
        }
        return request.getSessionId().length() > MAX_ID || id.length() > MAX_ID
                ? Optional.of("A session_id and a request_id have at most " + MAX_ID + " characters.")
                : Optional.empty();
    }

    private static Optional<String> question(ChatRequest request) {
        if (request.getMessage().isBlank()) {
            return Optional.of("A chat request has a message.");
        }
        if (request.getMessage().length() > MAX_MESSAGE) {
            return Optional.of("A message has at most " + MAX_MESSAGE + " characters.");
        }
        return request.getIndexPosition().keySet().stream().allMatch(key -> key.matches("[0-9]{1,9}"))
                ? Optional.empty()
                : Optional.of("The keys of index_position are numbers of partitions.");
    }
}
