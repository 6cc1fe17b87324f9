package io.penstock.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.deadletter.DeadLetter;
import io.penstock.error.ErrorCode;
import io.penstock.schema.ChatError;
import io.penstock.schema.ChatReply;
import io.penstock.schema.ChatRequest;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.Decoded;
import io.penstock.stage.FailedCall;
import java.time.Instant;
import java.util.UUID;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells whoever asked that there is no answer and why, and keeps the request as a dead letter. */
@SuppressWarnings("NullAway.Init") // set in init(), which comes before everything else
final class FailedEmit implements Processor<String, FailedCall<Decoded<ChatRequest>>, Object, Object> {
    private static final Logger LOG = LoggerFactory.getLogger(FailedEmit.class);

    private final AvroCodec<ChatReply> codec;
    private ProcessorContext<Object, Object> context;
    private ReplyRoute replies;

    FailedEmit(AvroCodec<ChatReply> codec) {
        this.codec = codec;
    }

    @Override
    public void init(ProcessorContext<Object, Object> newContext) {
        context = newContext;
        replies = new ReplyRoute(context, codec);
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
        if (code == ErrorCode.CHAT_REPLY_UNDELIVERABLE) {
            return; // that could not be told either
        }
        ChatReply reply = ChatReply.newBuilder()
                .setRequestId(request.getRequestId())
                .setSessionId(request.getSessionId())
                .setAttempt(failed.attempts())
                .setExecution(UUID.randomUUID().toString())
                .setError(new ChatError(code.code(), code.status(), detail(code, failed)))
                .setAt(Instant.ofEpochMilli(context.currentSystemTimeMs()))
                .build();
        replies.send(reply, record);
    }

    /** What was not meant for callers may tell of the inside, and is in the log only. */
    private static String detail(ErrorCode code, FailedCall<Decoded<ChatRequest>> failed) {
        if (code != ErrorCode.INTERNAL) {
            return failed.message();
        }
        String reference = UUID.randomUUID().toString();
        LOG.error(
                "The request {} of {}-{}@{} could not be answered, reference {}: {} {}",
                failed.value().value().getRequestId(),
                failed.topic(),
                failed.partition(),
                failed.offset(),
                reference,
                failed.code(),
                failed.message());
        return "An unexpected error. The log has more under the reference " + reference + ".";
    }

    private static ErrorCode code(String text) {
        return ErrorCode.of(text).orElse(text.equals("stage.timeout") ? ErrorCode.CHAT_TIMEOUT : ErrorCode.INTERNAL);
    }
}
