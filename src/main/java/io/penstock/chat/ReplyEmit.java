package io.penstock.chat;

import io.penstock.kafka.Topics;
import io.penstock.schema.ChatReply;
import io.penstock.schema.ChatRequest;
import io.penstock.schema.Conversation;
import io.penstock.schema.Fence;
import io.penstock.schema.FenceAck;
import io.penstock.schema.Turn;
import io.penstock.serde.Decoded;
import io.penstock.stage.FencePassed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers the turn and sends the reply to where its request said. At a fence it forgets the turns that were about what is
 * deleted: those that asked for it, and those that cite it.
 */
@SuppressWarnings("NullAway.Init") // set in init(), which comes before everything else
final class ReplyEmit implements Processor<String, Object, Object, Object> {
    private static final Logger LOG = LoggerFactory.getLogger(ReplyEmit.class);

    /** A reply and the request it answers. */
    record Answered(ChatRequest request, ChatReply reply) {}

    private final int maxTurns;
    /**
     * When the last fence of a topic or segment came. An answer that was under way then may still quote it, and is not remembered.
     * After a restart the question is asked again, of what is left; so nothing of this need be kept.
     */
    private final Map<String, Long> ended = new HashMap<>();

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
    public void process(Record<String, Object> record) {
        switch (record.value()) {
            case Answered answered -> {
                remember(record.key(), answered, record.timestamp());
                context.forward(
                        new Record<Object, Object>(
                                FailedEmit.replyKey(record.headers()),
                                answered.reply(),
                                record.timestamp(),
                                record.headers()),
                        ChatTopology.REPLY_SINK);
            }
            case FencePassed<?>(Decoded<?> fence, var _) -> pass(fence, record.timestamp());
            default -> throw new IllegalStateException("Not a result of chat: " + record.value());
        }
    }

    private void remember(String session, Answered answered, long askedAt) {
        ChatReply reply = answered.reply();
        List<String> sources = sources(answered);
        Conversation known = conversations.get(session);
        List<Turn> turns = known == null ? new ArrayList<>() : new ArrayList<>(known.getTurns());
        // Under its request id: an answer that is made again takes the place of the one before.
        turns.removeIf(turn -> turn.getRequestId().equals(reply.getRequestId()));
        if (ended.entrySet().stream().noneMatch(end -> askedAt <= end.getValue() && isAbout(sources, end.getKey()))) {
            turns.add(Turn.newBuilder()
                    .setRequestId(reply.getRequestId())
                    .setMessage(answered.request().getMessage())
                    .setReply(reply.getAnswer().getReply())
                    .setAnswered(reply.getAnswer().getAnswered())
                    .setAt(reply.getAt())
                    .setSources(sources)
                    .build());
        }
        while (turns.size() > maxTurns) {
            turns.removeFirst();
        }
        keep(session, turns);
    }

    private void keep(String session, List<Turn> turns) {
        if (turns.isEmpty()) {
            conversations.delete(session);
        } else {
            conversations.put(session, new Conversation(session, turns));
        }
    }

    private static List<String> sources(Answered answered) {
        TreeSet<String> sources = new TreeSet<>();
        ChatRequest request = answered.request();
        if (request.getTopic() != null) {
            sources.add(
                    request.getSegment() == null
                            ? request.getTopic()
                            : request.getTopic() + "/" + request.getSegment());
        }
        answered.reply()
                .getAnswer()
                .getCitations()
                .forEach(citation -> sources.add(citation.getTopic() + "/" + citation.getSegment()));
        return List.copyOf(sources);
    }

    private static boolean isAbout(List<String> sources, String scope) {
        return sources.stream().anyMatch(source -> source.equals(scope) || source.startsWith(scope + "/"));
    }

    private void pass(Decoded<?> decoded, long timestamp) {
        Fence fence = Objects.requireNonNull(((ChatRequest) decoded.value()).getFence());
        String scope = fence.getSegment() == null ? fence.getTopic() : fence.getTopic() + "/" + fence.getSegment();
        ended.put(scope, timestamp);
        int removed = forget(scope);
        Instant now = Instant.ofEpochMilli(context.currentSystemTimeMs());
        FenceAck ack = FenceAck.newBuilder()
                .setFenceId(fence.getFenceId())
                .setStage(ChatTopology.NAME)
                .setTopic(Topics.CHAT_REQUEST)
                .setPartition(context.taskId().partition())
                .setRemoved(removed)
                .setAt(now)
                .build();
        LOG.info("Fence {} passed partition {}: {} turns forgotten", fence.getFenceId(), ack.getPartition(), removed);
        context.forward(
                new Record<Object, Object>(fence.getFenceId(), ack, now.toEpochMilli()), ChatTopology.FENCE_ACK_SINK);
    }

    private int forget(String scope) {
        Map<String, List<Turn>> left = new HashMap<>();
        int removed = 0;
        try (KeyValueIterator<String, Conversation> all = conversations.all()) {
            while (all.hasNext()) {
                KeyValue<String, Conversation> entry = all.next();
                List<Turn> turns = new ArrayList<>(entry.value.getTurns());
                if (turns.removeIf(turn -> isAbout(turn.getSources(), scope))) {
                    left.put(entry.key, turns);
                    removed += entry.value.getTurns().size() - turns.size();
                }
            }
        }
        left.forEach(this::keep);
        return removed;
    }
}
