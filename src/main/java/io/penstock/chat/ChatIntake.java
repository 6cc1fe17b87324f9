package io.penstock.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.deadletter.DeadLetter;
import io.penstock.error.ErrorCode;
import io.penstock.kafka.Topics;
import io.penstock.schema.ChatRequest;
import io.penstock.serde.Decoded;
import java.util.Optional;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/** Lets only those requests pass that can be answered (a question, and headers that say where the reply is to go), and fences. */
final class ChatIntake implements Processor<String, Decoded<ChatRequest>, Object, Object> {
    private @Nullable ProcessorContext<Object, Object> context;

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
        Optional<String> fault = fault(request, record.headers());
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

    private static Optional<String> fault(ChatRequest request, Headers headers) {
        if (request.getMessage().isBlank()
                || request.getSessionId().isBlank()
                || request.getRequestId().isBlank()) {
            return Optional.of("A chat request has a message, a session_id and a request_id.");
        }
        if (!request.getIndexPosition().keySet().stream().allMatch(key -> key.matches("[0-9]{1,9}"))) {
            return Optional.of("The keys of index_position are numbers of partitions.");
        }
        if (ChatHeaders.text(headers, ChatHeaders.CORRELATION_ID).orElse("").isBlank()) {
            return Optional.of("The header " + ChatHeaders.CORRELATION_ID + " is missing.");
        }
        String topic = ChatHeaders.text(headers, ChatHeaders.REPLY_TOPIC).orElse(Topics.CHAT_REPLY);
        if (!topic.equals(Topics.CHAT_REPLY)) {
            return Optional.of("The header " + ChatHeaders.REPLY_TOPIC + " names '" + topic + "'; replies go to "
                    + Topics.CHAT_REPLY + " only.");
        }
        String partition =
                ChatHeaders.text(headers, ChatHeaders.REPLY_PARTITION).orElse("");
        if (!partition.matches("[0-9]{1,2}") || Integer.parseInt(partition) >= ChatTopology.REPLY_PARTITIONS) {
            return Optional.of("The header " + ChatHeaders.REPLY_PARTITION + " must be a number from 0 to "
                    + (ChatTopology.REPLY_PARTITIONS - 1) + ".");
        }
        return Optional.empty();
    }
}
