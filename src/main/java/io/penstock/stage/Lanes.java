package io.penstock.stage;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who may run, and whose outcome may be forwarded, so that the order of a stage is kept.
 *
 * <p><b>Threading.</b> StreamThread only.
 *
 * @param <E> an entry, told apart by identity
 */
sealed interface Lanes<E> {

    /** Takes in the newest entry; whether it may run. */
    boolean enter(E entry, @Nullable ByteBuffer laneKey);

    /** Whether the outcome of an entry that may run can be forwarded now. */
    boolean mayEmit(E entry);

    /** The entry is gone; returns the entry that may run because of that, if any. */
    @Nullable
    E leave(E entry, @Nullable ByteBuffer laneKey);

    /** The entry that now is first in a common order, if there is one. */
    @Nullable
    E first();

    static <E> Lanes<E> of(StageOptions options) {
        return switch (options.order()) {
            case NONE -> new None<>();
            case PER_KEY -> new PerKey<>();
            case GLOBAL -> new Global<>(Math.max(1, options.maxInFlight() + options.maxParked()));
        };
    }

    /** Everyone may run, and be forwarded as it ends. */
    final class None<E> implements Lanes<E> {
        @Override
        public boolean enter(E entry, @Nullable ByteBuffer laneKey) {
            return true;
        }

        @Override
        public boolean mayEmit(E entry) {
            return true;
        }

        @Override
        public @Nullable E leave(E entry, @Nullable ByteBuffer laneKey) {
            return null;
        }

        @Override
        public @Nullable E first() {
            return null;
        }
    }

    /** One queue for each key: its head runs. Records without a key have no lane. */
    final class PerKey<E> implements Lanes<E> {
        private final Map<ByteBuffer, LinkedHashSet<E>> queues = new HashMap<>();

        @Override
        public boolean enter(E entry, @Nullable ByteBuffer laneKey) {
            if (laneKey == null) {
                return true;
            }
            LinkedHashSet<E> queue = queues.computeIfAbsent(laneKey, _ -> new LinkedHashSet<>());
            queue.add(entry);
            return queue.size() == 1;
        }

        @Override
        public boolean mayEmit(E entry) {
            return true;
        }

        @Override
        public @Nullable E leave(E entry, @Nullable ByteBuffer laneKey) {
            LinkedHashSet<E> queue = laneKey == null ? null : queues.get(laneKey);
            if (laneKey == null || queue == null) {
                return null;
            }
            boolean wasHead = queue.getFirst() == entry;
            queue.remove(entry);
            if (queue.isEmpty()) {
                queues.remove(laneKey);
                return null;
            }
            return wasHead ? queue.getFirst() : null;
        }

        @Override
        public @Nullable E first() {
            return null;
        }
    }

    /**
     * Everyone within a window may run, and is forwarded when all before it are. The window bounds the results that wait in
     * memory for a slow one at the front.
     */
    final class Global<E> implements Lanes<E> {
        private final int window;
        private final LinkedHashSet<E> inside = new LinkedHashSet<>();
        private final LinkedHashSet<E> outside = new LinkedHashSet<>();

        Global(int window) {
            this.window = window;
        }

        @Override
        public boolean enter(E entry, @Nullable ByteBuffer laneKey) {
            boolean room = inside.size() < window;
            (room ? inside : outside).add(entry);
            return room;
        }

        @Override
        public boolean mayEmit(E entry) {
            return inside.getFirst() == entry;
        }

        @Override
        public @Nullable E leave(E entry, @Nullable ByteBuffer laneKey) {
            if (!inside.remove(entry)) {
                outside.remove(entry);
                return null;
            }
            if (outside.isEmpty()) {
                return null;
            }
            E next = outside.removeFirst();
            inside.add(next);
            return next;
        }

        @Override
        public @Nullable E first() {
            return inside.isEmpty() ? null : inside.getFirst();
        }
    }
}
