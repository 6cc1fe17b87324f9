package io.penstock.query;

import java.util.Set;
import java.util.function.Supplier;

/**
 * Where a store lives.
 *
 * @param topology that hosts it
 * @param instances the instances of the topology that there must be for the store to be whole, by the names under which they are
 *     hosted: the topology itself, or one for each topic of the catalog
 * @param partitions that the store has in each of them; 0 for a global store, which every app instance holds whole
 */
public record StoreHome(String topology, Supplier<Set<String>> instances, int partitions) {

    /** A global store. */
    public static StoreHome everywhere(String topology) {
        return new StoreHome(topology, () -> Set.of(topology), 0);
    }

    /** A store of a topology that has one instance. */
    public static StoreHome of(String topology, int partitions) {
        return new StoreHome(topology, () -> Set.of(topology), partitions);
    }

    boolean isGlobal() {
        return partitions == 0;
    }

    boolean isInstance(String name) {
        return name.equals(topology) || name.startsWith(topology + "/");
    }
}
