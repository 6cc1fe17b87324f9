package io.penstock.chat;

import io.penstock.schema.Turn;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes through the conversations of a task: when it starts, to learn which there are, and whenever something is to be forgotten
 * everywhere. It does so in slices of some milliseconds, between which questions are answered. From then on it forgets those that are
 * too old or too many.
 *
 * <p>The position of a walk is not kept: a fence that was not acknowledged comes again after a restart.
 *
 * <p><b>Threading.</b> StreamThread only.
 */
final class ConversationUpkeep {
    static final Duration SWEEP_EVERY = Duration.ofHours(1);
    static final Duration BETWEEN_SLICES = Duration.ofMillis(20);
    /** Turns that a slice looks at, about, or conversations that it forgets: they take some milliseconds. */
    static final int SLICE = 500;

    private static final Logger LOG = LoggerFactory.getLogger(ConversationUpkeep.class);
    /** For each that begins: more than one, so that what is too many becomes less. */
    private static final int FORGOTTEN_AT_ONCE = 2;

    private final ProcessorContext<?, ?> context;
    private final Conversations conversations;
    private final MemorySettings settings;
    private final Deque<Going> going = new ArrayDeque<>();
    private @Nullable Cancellable slices;
    private @Nullable Cancellable sweep;
    private @Nullable Cancellable hourly;
    private long forgotten;

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

    /** Learns what there is, and sweeps from now on: so rarely that it costs an idle task nothing. */
    void start() {
        going.add(new Going(new TakingUp()));
        goOnInSlices();
        hourly = context.schedule(SWEEP_EVERY, PunctuationType.WALL_CLOCK_TIME, _ -> sweep());
    }

    /** Ends all that is scheduled: that outlives a task's life, and would judge a later one by what this one knew. */
    void stop() {
        Stream.of(slices, sweep, hourly).filter(Objects::nonNull).forEach(Cancellable::cancel);
        going.clear();
    }

    /** Begins a walk, before others that are under way. It is over at once when there is little to visit. */
    void walk(Walk walk) {
        going.addFirst(new Going(walk));
        slice();
        goOnInSlices();
    }

    private void goOnInSlices() {
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

    /** A conversation has begun, for which others may have to go. */
    void begun() {
        forgotten += conversations.forgetOldest(Long.MIN_VALUE, FORGOTTEN_AT_ONCE);
    }

    private void sweep() {
        if (sweep == null && !forget()) {
            sweep = context.schedule(BETWEEN_SLICES, PunctuationType.WALL_CLOCK_TIME, _ -> forget());
        }
    }

    /** Forgets some; whether that was all. */
    private boolean forget() {
        long since = context.currentSystemTimeMs() - settings.keptFor().toMillis();
        int some = conversations.forgetOldest(since, SLICE);
        forgotten += some;
        if (some == SLICE) {
            return false;
        }
        if (sweep != null) {
            sweep.cancel();
            sweep = null;
        }
        if (forgotten > 0) {
            LOG.info("Task {} has forgotten {} conversations that went on longest ago", context.taskId(), forgotten);
            forgotten = 0;
        }
        return true;
    }

    /** Learns what an earlier life of the task left. */
    private final class TakingUp implements Walk {
        @Override
        public List<Turn> left(String session, List<Turn> turns) {
            conversations.found(session, turns);
            return turns;
        }

        @Override
        public void end() {
            conversations.allFound();
            sweep();
        }
    }
}
