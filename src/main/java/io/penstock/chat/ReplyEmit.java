package io.penstock.chat;

import io.penstock.error.ErrorCode;
import io.penstock.kafka.Topics;
import io.penstock.schema.ChatAnswer;
import io.penstock.schema.ChatError;
import io.penstock.schema.ChatReply;
import io.penstock.schema.ChatRequest;
import io.penstock.schema.Fence;
import io.penstock.schema.FenceAck;
import io.penstock.schema.Turn;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.Decoded;
import io.penstock.stage.FencePassed;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers the turn and sends the reply to where its request said. At a fence it forgets the turns that were about what is
 * deleted: those that asked for it, and those that cite it.
 */
@SuppressWarnings("NullAway.Init") // set in init(), which comes before everything else
final class ReplyEmit implements Processor<String, Object, Object, Object> {
    private static final Logger LOG = LoggerFactory.getLogger(ReplyEmit.class);

    private final AvroCodec<ChatReply> codec;
    private final TaskConversations ofTasks;
    private final MemorySettings memory;
    /**
     * When the last fence of a topic or segment came. An answer that was under way then may still quote it, and is not remembered.
     * After a restart the question is asked again, of what is left; so nothing of this need be kept, and none of it for longer than
     * questions are.
     */
    private final Map<String, Long> ended = new HashMap<>();

    /** Fences that are passing: going through all conversations takes a while. */
    private final Set<String> passing = new HashSet<>();

    private ProcessorContext<Object, Object> context;
    private Conversations conversations;
    private ConversationUpkeep upkeep;
    private ReplyRoute replies;

    ReplyEmit(AvroCodec<ChatReply> codec, TaskConversations ofTasks, MemorySettings memory) {
        this.codec = codec;
        this.ofTasks = ofTasks;
        this.memory = memory;
    }

    @Override
    public void init(ProcessorContext<Object, Object> newContext) {
        context = newContext;
        close();
        conversations = ofTasks.of(context);
        upkeep = new ConversationUpkeep(context, conversations, memory);
        upkeep.start();
        replies = new ReplyRoute(context, codec);
    }

    /** A task may live again without a new processor. */
    @Override
    public void close() {
        if (upkeep != null) {
            upkeep.stop();
        }
        passing.clear(); // a fence that did not pass comes again
    }

    @Override
    public void process(Record<String, Object> record) {
        switch (record.value()) {
            case ChatResult result -> process(result, record);
            case FencePassed<?>(Decoded<?> order, var cancelled) ->
                pass((ChatRequest) order.value(), !cancelled.isEmpty(), record);
            default -> throw new IllegalStateException("Not a result of chat: " + record.value());
        }
    }

    private void process(ChatResult result, Record<String, Object> record) {
        switch (result) {
            case ChatResult.Answered answered -> {
                boolean begins =
                        answered.request().getRemember() && remember(record.key(), answered, record.timestamp());
                replies.send(answered.reply(), record);
                if (begins) {
                    upkeep.begun();
                }
            }
            case ChatResult.Forget(ChatRequest request) -> {
                ChatReply.Builder reply = reply(request.getRequestId(), request.getSessionId());
                replies.send(
                        reply.setForgottenTurns(conversations.forget(record.key()))
                                .build(),
                        record);
            }
        }
    }

    /** Whether a conversation begins with it. */
    private boolean remember(String session, ChatResult.Answered answered, long askedAt) {
        ChatReply reply = answered.reply();
        List<String> sources = sources(answered);
        if (ended.entrySet().stream()
                .anyMatch(end -> askedAt <= end.getValue() && Conversations.isAbout(sources, end.getKey()))) {
            conversations.forget(session, reply.getRequestId());
            return false;
        }
        ChatAnswer answer = reply.getAnswer();
        return conversations.remember(
                session,
                Turn.newBuilder()
                        .setRequestId(reply.getRequestId())
                        .setMessage(answered.request().getMessage())
                        .setReply(answer.getReply())
                        .setAnswered(answer.getAnswered())
                        .setAt(reply.getAt())
                        .setSources(sources)
                        .setCitations(answer.getCitations())
                        .setAnswerer(answer.getAnswerer())
                        .setUsage(answer.getUsage())
                        .setCut(answer.getCut())
                        .build());
    }

    private static List<String> sources(ChatResult.Answered answered) {
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

    private void pass(ChatRequest order, boolean stopped, Record<String, Object> record) {
        if (order.getFence() != null) {
            pass(order.getFence(), record.timestamp());
        } else {
            String request = String.valueOf(order.getCancel());
            ChatError error = new ChatError(
                    ErrorCode.CHAT_CANCELLED.code(),
                    ErrorCode.CHAT_CANCELLED.status(),
                    stopped
                            ? "The request " + request + " was cancelled."
                            : "The request " + request + " was to be cancelled, and is not being answered.");
            replies.send(reply(request, order.getSessionId()).setError(error).build(), record);
        }
    }

    private ChatReply.Builder reply(String requestId, String sessionId) {
        return ChatReply.newBuilder()
                .setRequestId(requestId)
                .setSessionId(sessionId)
                .setExecution(UUID.randomUUID().toString())
                .setAt(now());
    }

    private void pass(Fence fence, long timestamp) {
        String scope = fence.getSegment() == null ? fence.getTopic() : fence.getTopic() + "/" + fence.getSegment();
        ended.values().removeIf(end -> end < timestamp - Patience.KEPT.toMillis());
        ended.put(scope, timestamp);
        if (passing.add(fence.getFenceId())) { // else it came again, which one acknowledgement answers
            upkeep.walk(new Forgetting(fence, scope));
        }
    }

    /** Forgets all turns that were about what is deleted, and acknowledges its fence. */
    private final class Forgetting implements ConversationUpkeep.Walk {
        private final Fence fence;
        private final String scope;
        private int removed;

        private Forgetting(Fence fence, String scope) {
            this.fence = fence;
            this.scope = scope;
        }

        @Override
        public List<Turn> left(String session, List<Turn> turns) {
            List<Turn> left = turns.stream()
                    .filter(turn -> !Conversations.isAbout(turn.getSources(), scope))
                    .toList();
            removed += turns.size() - left.size();
            return left;
        }

        @Override
        public void end() {
            passing.remove(fence.getFenceId());
            acknowledge(fence, removed);
        }
    }

    private void acknowledge(Fence fence, int removed) {
        Instant now = now();
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

    private Instant now() {
        return Instant.ofEpochMilli(context.currentSystemTimeMs());
    }
}
