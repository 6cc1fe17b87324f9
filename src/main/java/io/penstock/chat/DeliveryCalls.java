package io.penstock.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.schema.ChatReply;
import io.penstock.serde.Decoded;
import io.penstock.stage.StageFunction;
import io.penstock.stage.Step;
import org.apache.kafka.common.header.Headers;

/** Writes replies to the topics of others. Those to one request go one after the other: the key is the lane. */
final class DeliveryCalls implements StageFunction<String, Decoded<ChatReply>, DeliveryCalls.Delivered> {
    /** The reply has arrived. */
    record Delivered() {}

    private final ReplyTopics topics;

    DeliveryCalls(ReplyTopics topics) {
        this.topics = topics;
    }

    @Override
    public Step<Delivered> prepare(String key, Decoded<ChatReply> reply, Headers headers, int attempt) {
        ReplyAddress address = ReplyAddress.of(headers);
        return new Step.Call<>(_ -> {
            topics.send(address.topic(), address.partition(), key.getBytes(UTF_8), reply.bytes(), headers);
            return new Delivered();
        });
    }
}
