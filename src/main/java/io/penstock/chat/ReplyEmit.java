package io.penstock.chat;

import io.penstock.schema.ChatReply;
import io.penstock.schema.Conversation;
import io.penstock.schema.Turn;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/** Remembers the turn and sends the reply to where its request said. */
@SuppressWarnings("NullAway.Init") // set in init(), which comes before everything else
final class ReplyEmit implements Processor<String, ReplyEmit.Answered, Object, Object> {
    /** A reply and the question it answers. */
    record Answered(String message, ChatReply reply) {}

    private final int maxTurns;
    private ProcessorContext<Object, Object> context;
    private KeyValueStore<String, Conversation> conversations;

    ReplyEmit(int maxTurns) {
        this.maxTurns = maxTurns;
    }

    @Override
    public void init(ProcessorContext<Object, Object> newContext) {
        context = newContext;
        conversations = context.getStateStore(ChatTopology.CONVERSATIONS);
    }

    @Override
    public void process(Record<String, Answered> record) {
        ChatReply reply = record.value().reply();
        remember(record.key(), record.value());
        context.forward(
                new Record<Object, Object>(
                        FailedEmit.replyKey(record.headers()), reply, record.timestamp(), record.headers()),
                ChatTopology.REPLY_SINK);
    }

    private void remember(String session, Answered answered) {
        ChatReply reply = answered.reply();
        Conversation known = conversations.get(session);
        List<Turn> turns = known == null ? new ArrayList<>() : new ArrayList<>(known.getTurns());
        // Under its request id: an answer that is made again takes the place of the one before.
        turns.removeIf(turn -> turn.getRequestId().equals(reply.getRequestId()));
        turns.add(Turn.newBuilder()
                .setRequestId(reply.getRequestId())
                .setMessage(answered.message())
                .setReply(reply.getAnswer().getReply())
                .setAnswered(reply.getAnswer().getAnswered())
                .setAt(reply.getAt())
                .build());
        while (turns.size() > maxTurns) {
            turns.removeFirst();
        }
        conversations.put(session, new Conversation(session, turns));
    }
}
