package io.penstock.query;

import java.util.Comparator;

/**
 * One partition of a store in one instance of its topology: what is read whole or not at all.
 *
 * @param instance of the topology, such as {@code runs} or {@code enrichment/economy/1a2b3c4d}
 */
record StoreUnit(String instance, int partition) implements Comparable<StoreUnit> {
    private static final Comparator<StoreUnit> ORDER =
            Comparator.comparing(StoreUnit::instance).thenComparingInt(StoreUnit::partition);

    /** @throws IllegalArgumentException when the text is none that {@link #toString} made */
    static StoreUnit parse(String text) {
        int at = text.lastIndexOf('#');
        if (at < 1) {
            throw new IllegalArgumentException("'" + text + "' names no partition of a store");
        }
        return new StoreUnit(text.substring(0, at), Integer.parseInt(text.substring(at + 1)));
    }

    /** What stands before the keys of a store whose keys mean something within a partition only. */
    String keyPrefix() {
        return instance + "/" + partition + "/";
    }

    @Override
    public int compareTo(StoreUnit other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return instance + "#" + partition;
    }
}
