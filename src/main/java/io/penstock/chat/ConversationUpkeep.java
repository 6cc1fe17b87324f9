package io.penstock.chat;

import io.penstock.schema.Turn;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes through the conversations of a task: now and then for those that are too old or too many, and whenever something is to be
 * forgotten everywhere. It does so in slices of some milliseconds, between which questions are answered.
 *
 * <p>The position of a walk is not kept: after a restart the next sweep begins anew, and a fence that was not acknowledged comes again.
 *
 * <p><b>Threading.</b> StreamThread only.
 */
final class ConversationUpkeep {
    static final Duration SWEEP_EVERY = Duration.ofHours(1);
    static final Duration BETWEEN_SLICES = Duration.ofMillis(20);
    /** Turns that a slice looks at, about: they take some milliseconds. */
    static final int SLICE = 500;

    private static final Logger LOG = LoggerFactory.getLogger(ConversationUpkeep.class);
    /** A sweep also begins when so large a part of what is kept is new. */
    private static final int PART_OF_ALL = 4;

    private final ProcessorContext<?, ?> context;
    private final Conversations conversations;
    private final MemorySettings settings;
    private final Deque<Going> going = new ArrayDeque<>();
    private @Nullable Cancellable slices;
    private boolean sweeps;
    private int begun;

    ConversationUpkeep(ProcessorContext<?, ?> context, Conversations conversations, MemorySettings settings) {
        this.context = context;
        this.conversations = conversations;
        this.settings = settings;
    }

    /** A walk through all conversations. */
    interface Walk extends Conversations.Visitor {
        /** All were visited. */
        void end();
    }

    private static final class Going {
        private final Walk walk;
        private @Nullable String after;

        private Going(Walk walk) {
            this.walk = walk;
        }
    }

    /** Sweeps from now on. So rarely that it costs an idle task nothing. */
    void start() {
        var _ = context.schedule(SWEEP_EVERY, PunctuationType.WALL_CLOCK_TIME, this::sweep);
    }

    /** Begins a walk, before others that are under way. It is over at once when there is little to visit. */
    void walk(Walk walk) {
        going.addFirst(new Going(walk));
        if (slices == null) {
            slice();
        }
        if (slices == null && !going.isEmpty()) {
            slices = context.schedule(BETWEEN_SLICES, PunctuationType.WALL_CLOCK_TIME, _ -> slice());
        }
    }

    private void slice() {
        Going first = going.element();
        first.after = conversations.visit(first.after, SLICE, first.walk);
        if (first.after == null) {
            going.remove();
            first.walk.end();
        }
        if (going.isEmpty() && slices != null) {
            slices.cancel();
            slices = null;
        }
    }

    /** A conversation has begun: many of them at once do not wait for the next sweep. */
    void begun() {
        begun++;
        if (begun > settings.maxConversations() / PART_OF_ALL) {
            sweep(context.currentSystemTimeMs());
        }
    }

    private void sweep(long now) {
        if (!sweeps) {
            sweeps = true;
            begun = 0;
            walk(new Expiry(now - settings.keptFor().toMillis(), new PriorityQueue<>()));
        }
    }

    /** Forgets conversations that have not gone on since a time, and then those that went on first when too many are left. */
    private final class Expiry implements Walk {
        private final long since;
        /** When those went on last that may stay; null when it is known already since when they did. */
        private final @Nullable PriorityQueue<Long> newest;

        private boolean tooMany;
        private int forgotten;

        private Expiry(long since, @Nullable PriorityQueue<Long> newest) {
            this.since = since;
            this.newest = newest;
        }

        @Override
        public List<Turn> left(List<Turn> turns) {
            long at = turns.stream()
                    .mapToLong(turn -> turn.getAt().toEpochMilli())
                    .max()
                    .orElse(0);
            if (at < since) {
                forgotten++;
                return List.of();
            }
            if (newest != null) {
                newest.add(at);
                if (newest.size() > settings.maxConversations()) {
                    newest.remove();
                    tooMany = true;
                }
            }
            return turns;
        }

        @Override
        public void end() {
            if (forgotten > 0) {
                LOG.info(
                        "Task {} has forgotten {} conversations that went on longest ago", context.taskId(), forgotten);
            }
            if (newest != null && tooMany) {
                walk(new Expiry(newest.element(), null));
            } else {
                sweeps = false;
            }
        }
    }
}
