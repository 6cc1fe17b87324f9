package io.penstock.stage;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What may run and waits for room, by provider: the oldest of each first, the providers in turn. A provider without room is
 * passed over, so that it holds up nobody else's records.
 *
 * <p><b>Threading.</b> StreamThread only.
 */
final class ReadyQueues<K, V, R> {
    private final Map<ProviderLimiter, TreeSet<StageEntry<K, V, R>>> queues = new HashMap<>();
    private final ArrayDeque<ProviderLimiter> turns = new ArrayDeque<>();
    private final ProviderLimiter.Claimant claimant;

    /** @param claimant whose records these are */
    ReadyQueues(ProviderLimiter.Claimant claimant) {
        this.claimant = claimant;
    }

    void add(StageEntry<K, V, R> entry) {
        TreeSet<StageEntry<K, V, R>> queue = queues.get(entry.limiter);
        if (queue == null) {
            queue = new TreeSet<>(Comparator.comparingLong(waiting -> waiting.seq));
            queues.put(entry.limiter, queue);
            turns.addLast(entry.limiter);
        }
        queue.add(entry);
        entry.limiter.awaited();
    }

    boolean holdsOnly(ProviderLimiter limiter) {
        return queues.size() == 1 && queues.containsKey(limiter);
    }

    boolean isEmpty() {
        return queues.isEmpty();
    }

    /** Nobody waits any more: the task closes. */
    void clear() {
        queues.forEach((limiter, queue) -> limiter.awaitedNoMore(queue.size()));
        withdraw();
        queues.clear();
        turns.clear();
    }

    /** No place can be used at present, wherever one gets free. */
    void withdraw() {
        queues.keySet().forEach(limiter -> limiter.withdraw(claimant));
    }

    /** The next entry whose provider has room, with the room taken; null when none has. */
    @Nullable
    StageEntry<K, V, R> poll(long nowNanos) {
        for (int left = turns.size(); left > 0; left--) {
            ProviderLimiter limiter = turns.removeFirst();
            TreeSet<StageEntry<K, V, R>> queue = queues.get(limiter);
            if (queue == null) {
                continue;
            }
            StageEntry<K, V, R> entry = limiter.tryAcquire(nowNanos, claimant) ? queue.pollFirst() : null;
            if (queue.isEmpty()) {
                queues.remove(limiter);
            } else {
                turns.addLast(limiter);
            }
            if (entry != null) {
                limiter.awaitedNoMore(1);
                return entry;
            }
        }
        return null;
    }

    void remove(StageEntry<K, V, R> entry) {
        TreeSet<StageEntry<K, V, R>> queue = queues.get(entry.limiter);
        if (queue != null && queue.remove(entry)) {
            entry.limiter.awaitedNoMore(1);
            if (queue.isEmpty()) {
                queues.remove(entry.limiter);
                turns.remove(entry.limiter);
                entry.limiter.withdraw(claimant);
            }
        }
    }
}
