package io.penstock.chat;

import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.ProcessorContext;

/**
 * The conversations of each task, for the nodes that share them.
 *
 * <p><b>Threading.</b> May be used from any thread; what is returned belongs to the task's StreamThread.
 */
final class TaskConversations {
    private final ChatSettings settings;
    private final Map<TaskId, Conversations> ofTasks = new ConcurrentHashMap<>();

    TaskConversations(ChatSettings settings) {
        this.settings = settings;
    }

    /** For the first node of a task that starts: it may have been away, and its store have been restored since. */
    Conversations start(ProcessorContext<?, ?> context) {
        Conversations started = new Conversations(context.getStateStore(ChatTopology.CONVERSATIONS), settings);
        ofTasks.put(context.taskId(), started);
        return started;
    }

    /** For the nodes after it, which Kafka Streams initialises later. */
    Conversations of(ProcessorContext<?, ?> context) {
        return Objects.requireNonNull(ofTasks.get(context.taskId()), "the stage has not been started");
    }
}
