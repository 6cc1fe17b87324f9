package io.penstock.chat;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * Which partitions of {@code chat.reply} this instance reads, and which of those it names in its requests.
 *
 * <pre>
 *          assigned            known                 revoked             last request done
 * (not read) -----> joining --------> read and named --------> read only ----------------> (not read)
 *                                            ^--------------------'
 *                                                   assigned
 * </pre>
 *
 * <p>While none that the group gave it is known, the instance names one that it borrows: the one that it read last, or any one when
 * there are more instances than partitions.
 *
 * <p>Threading: may be called from any thread. A partition is chosen and counted in one step, so that none is dropped between being
 * named and being counted.
 */
final class ReplyPartitions {
    private static final int NONE = -1;

    private final Runnable changed;
    /** What the group gave this instance. */
    private final Set<Integer> owned = new TreeSet<>();

    private final Map<Integer, Reading> reading = new TreeMap<>();
    private int borrowed = NONE;
    private int[] named = {};
    private int turn;

    /** How a partition is read. */
    private static final class Reading {
        /** Whether its end was found, so that no reply to a later request can be missed. */
        private boolean known;

        private int inFlight;
    }

    /** @param changed called, under this object's lock, when {@link #wanted()} is another set than before */
    ReplyPartitions(Runnable changed) {
        this.changed = changed;
    }

    /** The group gives these to this instance, besides those it has. */
    synchronized void assigned(Collection<Integer> partitions) {
        owned.addAll(partitions);
        boolean more = false;
        for (int partition : partitions) {
            more |= reading.putIfAbsent(partition, new Reading()) == null;
        }
        settle(more);
    }

    /** The group takes these. */
    synchronized void revoked(Collection<Integer> partitions) {
        owned.removeAll(partitions);
        settle(false);
    }

    /** There is none for this instance: it is to name this one, unless it has another. */
    synchronized void borrow(int partition) {
        if (owned.isEmpty() && borrowed == NONE) {
            borrowed = partition;
            settle(reading.putIfAbsent(partition, new Reading()) == null);
        }
    }

    /** The end of a partition was found, and it is read from there. */
    synchronized void known(int partition) {
        Reading found = reading.get(partition);
        if (found != null) {
            found.known = true;
            settle(false);
        }
    }

    /** Those that are to be read. */
    synchronized Set<Integer> wanted() {
        return Set.copyOf(reading.keySet());
    }

    /** Those of them whose end is to be found. */
    synchronized Set<Integer> unknown() {
        Set<Integer> unknown = new TreeSet<>(reading.keySet());
        unknown.removeIf(partition -> get(partition).known);
        return unknown;
    }

    /** Those that requests name. */
    synchronized Set<Integer> named() {
        Set<Integer> set = new TreeSet<>();
        Arrays.stream(named).forEach(set::add);
        return set;
    }

    /** Whether there is one to name. */
    synchronized boolean isNamingAny() {
        return named.length > 0;
    }

    /** Waits until there is one to name; false when the time is over before. */
    synchronized boolean awaitNamed(Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (named.length == 0) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return true;
    }

    /** Chooses a partition for a request, which counts as in flight there until {@link #release}; empty when none is read yet. */
    synchronized OptionalInt acquire() {
        if (named.length == 0) {
            return OptionalInt.empty();
        }
        turn = (turn + 1) % named.length;
        int partition = named[turn];
        get(partition).inFlight++;
        return OptionalInt.of(partition);
    }

    /** A request that named the partition is done. */
    synchronized void release(int partition) {
        Reading found = get(partition);
        found.inFlight--;
        if (found.inFlight == 0 && !owned.contains(partition)) {
            settle(false);
        }
    }

    private Reading get(int partition) {
        Reading found = reading.get(partition);
        if (found == null) {
            throw new IllegalStateException("Partition " + partition + " is not read");
        }
        return found;
    }

    private void settle(boolean more) {
        int[] mine = owned.stream()
                .filter(partition -> get(partition).known)
                .mapToInt(Integer::intValue)
                .toArray();
        if (mine.length > 0) {
            borrowed = NONE;
            named = mine;
        } else {
            if (borrowed == NONE) {
                borrowed = lastRead();
            }
            named = borrowed != NONE && get(borrowed).known ? new int[] {borrowed} : mine;
        }
        notifyAll();
        boolean fewer = reading.entrySet()
                .removeIf(entry -> entry.getValue().inFlight == 0
                        && !owned.contains(entry.getKey())
                        && entry.getKey() != borrowed);
        if (more || fewer) {
            changed.run();
        }
    }

    private int lastRead() {
        return reading.entrySet().stream()
                .filter(entry -> entry.getValue().known)
                .mapToInt(Map.Entry::getKey)
                .findFirst()
                .orElse(NONE);
    }

    @Override
    public synchronized String toString() {
        return "named " + Arrays.toString(named) + ", read " + reading.keySet();
    }
}
