package io.penstock.chat;

import static io.penstock.error.ErrorCode.CHAT_REPLY_UNDELIVERABLE;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.deadletter.DeadLetter;
import io.penstock.schema.ChatReply;
import io.penstock.serde.Decoded;
import io.penstock.stage.FailedCall;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/** Keeps a reply that could not be delivered as a dead letter. A part is worth nothing without what comes after it. */
@SuppressWarnings("NullAway.Init") // set in init(), which comes before everything else
final class DeliveryEnd implements Processor<String, Object, Object, Object> {
    private ProcessorContext<Object, Object> context;

    @Override
    public void init(ProcessorContext<Object, Object> newContext) {
        context = newContext;
    }

    @Override
    public void process(Record<String, Object> record) {
        switch (record.value()) {
            case DeliveryCalls.Delivered _ -> {}
            case FailedCall<?> failed
            when failed.value() instanceof Decoded<?>(ChatReply reply, byte[] bytes) -> {
                if (reply.getLast()) {
                    // The reply came from no topic; the record that was being processed meanwhile was another.
                    // Its code does not depend on what the last attempt met, which the message says.
                    new DeadLetter(
                                    CHAT_REPLY_UNDELIVERABLE.code(),
                                    failed.message(),
                                    ChatTopology.DELIVERY,
                                    "",
                                    -1,
                                    -1,
                                    failed.attempts())
                            .forward(
                                    context,
                                    ChatTopology.DEAD_LETTERS,
                                    record.key().getBytes(UTF_8),
                                    bytes,
                                    record.timestamp(),
                                    record.headers());
                }
            }
            default -> throw new IllegalStateException("Not the end of a delivery: " + record.value());
        }
    }
}
