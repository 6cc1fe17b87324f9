package io.penstock.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.deadletter.DeadLetter;
import io.penstock.error.ErrorCode;
import io.penstock.schema.ChatError;
import io.penstock.schema.ChatReply;
import io.penstock.schema.ChatRequest;
import io.penstock.serde.Decoded;
import io.penstock.stage.FailedCall;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/** Tells whoever asked that there is no answer and why, and keeps the request as a dead letter. */
@SuppressWarnings("NullAway.Init") // set in init(), which comes before everything else
final class FailedEmit implements Processor<String, FailedCall<Decoded<ChatRequest>>, Object, Object> {
    private ProcessorContext<Object, Object> context;

    @Override
    public void init(ProcessorContext<Object, Object> newContext) {
        context = newContext;
    }

    @Override
    public void process(Record<String, FailedCall<Decoded<ChatRequest>>> record) {
        FailedCall<Decoded<ChatRequest>> failed = record.value();
        ChatRequest request = failed.value().value();
        DeadLetter.of(failed, ChatTopology.STAGE)
                .forward(
                        context,
                        ChatTopology.DEAD_LETTERS,
                        record.key().getBytes(UTF_8),
                        failed.value().bytes(),
                        record.timestamp(),
                        record.headers());
        ErrorCode code = code(failed.code());
        ChatReply reply = ChatReply.newBuilder()
                .setRequestId(request.getRequestId())
                .setSessionId(request.getSessionId())
                .setAttempt(failed.attempts())
                .setError(new ChatError(code.code(), code.status(), failed.message()))
                .setAt(Instant.ofEpochMilli(context.currentSystemTimeMs()))
                .build();
        context.forward(
                new Record<Object, Object>(replyKey(record.headers()), reply, record.timestamp(), record.headers()),
                ChatTopology.REPLY_SINK);
    }

    static String replyKey(Headers headers) {
        return ChatHeaders.replyKey(
                ChatHeaders.text(headers, ChatHeaders.CORRELATION_ID).orElseThrow(),
                Integer.parseInt(
                        ChatHeaders.text(headers, ChatHeaders.REPLY_PARTITION).orElseThrow()));
    }

    private static ErrorCode code(String text) {
        Optional<ErrorCode> known = Arrays.stream(ErrorCode.values())
                .filter(code -> code.code().equals(text))
                .findFirst();
        return known.orElse(text.equals("stage.timeout") ? ErrorCode.CHAT_TIMEOUT : ErrorCode.INTERNAL);
    }
}
