package io.penstock.query;

import io.penstock.query.StoreQueries.Entry;
import java.util.List;
import java.util.Set;

/**
 * What one app instance answers about a store.
 *
 * @param read the partitions that the answer covers; each was read to its end, as far as was asked
 * @param entries the first entries of what was asked for, one more than the limit where there are more; in the order of keys
 */
record StorePart(Set<StoreUnit> read, List<Entry> entries) {
    StorePart {
        read = Set.copyOf(read);
        entries = List.copyOf(entries);
    }
}
