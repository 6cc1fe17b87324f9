package io.penstock.stage;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.TreeMap;
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
    boolean enter(E entry, @Nullable Object lane);

    /** Whether the outcome of an entry that may run can be forwarded now. */
    boolean mayEmit(E entry);

    /** The entry is gone; returns the entry that may run because of that, if any. */
    @Nullable
    E leave(E entry, @Nullable Object lane);

    /** The entry that now is first in a common order, if there is one. */
    @Nullable
    E first();

    /** Entries in the longest lane. */
    int deepest();

    static <E> Lanes<E> of(StageOptions options) {
        return switch (options.order()) {
            case NONE -> new None<>();
            case PER_KEY -> new PerKey<>();
            case GLOBAL -> new Global<>(options.capacity());
        };
    }

    /** Everyone may run, and be forwarded as it ends. */
    final class None<E> implements Lanes<E> {
        @Override
        public boolean enter(E entry, @Nullable Object lane) {
            return true;
        }

        @Override
        public boolean mayEmit(E entry) {
            return true;
        }

        @Override
        public @Nullable E leave(E entry, @Nullable Object lane) {
            return null;
        }

        @Override
        public int deepest() {
            return 0;
        }

        @Override
        public @Nullable E first() {
            return null;
        }
    }

    /** One queue for each lane: its head runs. */
    final class PerKey<E> implements Lanes<E> {
        private final Map<Object, LinkedHashSet<E>> queues = new HashMap<>();
        /** How many queues there are of each length. */
        private final TreeMap<Integer, Integer> lengths = new TreeMap<>();

        @Override
        public boolean enter(E entry, @Nullable Object lane) {
            if (lane == null) {
                return true;
            }
            LinkedHashSet<E> queue = queues.computeIfAbsent(lane, _ -> new LinkedHashSet<>());
            queue.add(entry);
            changed(queue.size() - 1, queue.size());
            return queue.size() == 1;
        }

        @Override
        public boolean mayEmit(E entry) {
            return true;
        }

        @Override
        public @Nullable E leave(E entry, @Nullable Object lane) {
            LinkedHashSet<E> queue = lane == null ? null : queues.get(lane);
            if (lane == null || queue == null) {
                return null;
            }
            boolean wasHead = queue.getFirst() == entry;
            if (queue.remove(entry)) {
                changed(queue.size() + 1, queue.size());
            }
            if (queue.isEmpty()) {
                queues.remove(lane);
                return null;
            }
            return wasHead ? queue.getFirst() : null;
        }

        @Override
        public int deepest() {
            return lengths.isEmpty() ? 0 : lengths.lastKey();
        }

        private void changed(int before, int now) {
            lengths.computeIfPresent(before, (_, queuesOfIt) -> queuesOfIt == 1 ? null : queuesOfIt - 1);
            if (now > 0) {
                lengths.merge(now, 1, Integer::sum);
            }
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
        public boolean enter(E entry, @Nullable Object lane) {
            boolean room = inside.size() < window;
            (room ? inside : outside).add(entry);
            return room;
        }

        @Override
        public boolean mayEmit(E entry) {
            return inside.getFirst() == entry;
        }

        @Override
        public @Nullable E leave(E entry, @Nullable Object lane) {
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
        public int deepest() {
            return inside.size() + outside.size();
        }

        @Override
        public @Nullable E first() {
            return inside.isEmpty() ? null : inside.getFirst();
        }
    }
}
