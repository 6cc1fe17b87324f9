package io.penstock.chat;

import io.penstock.schema.ChatReply;
import io.penstock.schema.ChatRequest;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.Decoded;
import io.penstock.stage.CallEvent;
import java.time.Instant;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/** Sends the parts of replies that are being made. */
@SuppressWarnings("NullAway.Init") // set in init(), which comes before everything else
final class PartEmit implements Processor<String, CallEvent<Decoded<ChatRequest>>, Object, Object> {
    private final AvroCodec<ChatReply> codec;
    private ProcessorContext<Object, Object> context;
    private ReplyRoute replies;

    PartEmit(AvroCodec<ChatReply> codec) {
        this.codec = codec;
    }

    @Override
    public void init(ProcessorContext<Object, Object> newContext) {
        context = newContext;
        replies = new ReplyRoute(context, codec);
    }

    @Override
    public void process(Record<String, CallEvent<Decoded<ChatRequest>>> record) {
        CallEvent<Decoded<ChatRequest>> event = record.value();
        ChatRequest request = event.value().value();
        ReplyParts.Part part = (ReplyParts.Part) event.event();
        ChatReply reply = ChatReply.newBuilder()
                .setRequestId(request.getRequestId())
                .setSessionId(request.getSessionId())
                .setAttempt(event.attempt())
                .setExecution(part.execution())
                .setSeq((int) event.sequence())
                .setLast(false)
                .setText(part.text())
                .setTextStart(part.textStart())
                .setCitations(part.citations())
                .setAt(Instant.ofEpochMilli(context.currentSystemTimeMs()))
                .build();
        replies.send(reply, record);
    }
}
