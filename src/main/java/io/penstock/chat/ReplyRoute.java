package io.penstock.chat;

import io.penstock.kafka.Topics;
import io.penstock.schema.ChatReply;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.Decoded;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * The way of replies from a processor to where the headers of their requests say: straight to {@code chat.reply}, or to the stage
 * that delivers to topics of others, for those may be gone and nothing that may be gone is written to by a StreamThread.
 */
final class ReplyRoute {
    private final ProcessorContext<Object, Object> context;
    private final AvroCodec<ChatReply> codec;

    ReplyRoute(ProcessorContext<Object, Object> context, AvroCodec<ChatReply> codec) {
        this.context = context;
        this.codec = codec;
    }

    /** @param request with the timestamp and the headers of the request */
    void send(ChatReply reply, Record<?, ?> request) {
        ReplyAddress address = ReplyAddress.of(request.headers());
        if (address.isOurs()) {
            forward(address, reply, request, ChatTopology.REPLY_SINK);
        } else {
            // Its schema is registered under the name of our topic, and readers go by its id.
            forward(
                    address,
                    new Decoded<>(reply, codec.encode(Topics.CHAT_REPLY, reply)),
                    request,
                    ChatTopology.DELIVERY);
        }
    }

    private void forward(ReplyAddress address, Object value, Record<?, ?> request, String child) {
        context.forward(
                new Record<Object, Object>(address.key(), value, request.timestamp(), request.headers()), child);
    }
}
