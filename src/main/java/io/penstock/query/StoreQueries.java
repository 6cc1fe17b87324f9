package io.penstock.query;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.topology.HostedTopology;
import io.penstock.topology.TopologyHost;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Reads the state stores of this app instance. A store is read partition by partition and the partitions are merged, so that what
 * comes is in the order of keys whatever the number of partitions. Only stores with a changelog are found, which all of Penstock's
 * have. May be called from any thread.
 */
public final class StoreQueries {
    /** The order of the stores, which compare bytes; that of Java's strings differs beyond the basic plane. */
    private static final Comparator<String> KEY_ORDER =
            (left, right) -> Arrays.compareUnsigned(left.getBytes(UTF_8), right.getBytes(UTF_8));

    private static final long COUNTED = 5_000;

    private final TopologyHost host;
    private final List<StoreDefinition> definitions;

    public StoreQueries(TopologyHost host, List<StoreDefinition> definitions) {
        this.host = host;
        this.definitions = List.copyOf(definitions);
    }

    /**
     * A store as it is here.
     *
     * @param instance the topology instance that hosts it
     * @param entries exact for small stores, an estimate for large ones
     */
    public record Summary(
            String name, String topology, String instance, boolean global, int partitions, long entries) {}

    /** An entry; its value is an Avro record, or a map of plain values. */
    public record Entry(String key, Object value) {}

    /** A page of entries; {@code next} is the {@code after} of the next page, null on the last. */
    public record Page(List<Entry> entries, @Nullable String next) {}

    /**
     * Which entries are wanted, all bounds optional.
     *
     * @param prefix what keys begin with
     * @param from the first key, inclusive
     * @param to the last key, inclusive
     * @param after the last key of the page before
     */
    public record Range(
            @Nullable String prefix,
            @Nullable String from,
            @Nullable String to,
            @Nullable String after,
            int limit) {
        private String first() {
            String first = prefix == null ? "" : prefix;
            if (from != null && KEY_ORDER.compare(from, first) > 0) {
                first = from;
            }
            return after != null && KEY_ORDER.compare(after, first) > 0 ? after : first;
        }

        private boolean isPast(String key) {
            return (to != null && KEY_ORDER.compare(key, to) > 0)
                    || (prefix != null && !key.startsWith(prefix) && KEY_ORDER.compare(key, prefix) > 0);
        }

        private boolean takes(String key) {
            return (prefix == null || key.startsWith(prefix))
                    && (from == null || KEY_ORDER.compare(key, from) >= 0)
                    && (after == null || KEY_ORDER.compare(key, after) > 0);
        }
    }

    /** Every store, those of a topology that is not running included with no entries. */
    public List<Summary> list() {
        List<Summary> summaries = new ArrayList<>();
        for (StoreDefinition definition : definitions) {
            for (HostedTopology topology : hosts(definition)) {
                List<Partition> stores = partitionsIfAny(topology, definition);
                long entries = 0;
                for (Partition store : stores) {
                    entries += entries(store.store());
                }
                summaries.add(new Summary(
                        definition.name(),
                        definition.topology(),
                        topology.definition().name(),
                        definition.global(),
                        stores.size(),
                        entries));
            }
        }
        return summaries;
    }

    /** @throws PenstockException {@code store.unknown}, {@code not-ready} */
    public Optional<Object> get(String store, String key) {
        for (StoreDefinition definition : named(store)) {
            for (Partition partition : readable(definition)) {
                if (!key.startsWith(partition.prefix())) {
                    continue;
                }
                String within = key.substring(partition.prefix().length());
                Object value = read(
                        definition, () -> partition.store().get(definition.key().apply(within)));
                if (value != null) {
                    return Optional.of(definition.value().apply(value));
                }
            }
        }
        return Optional.empty();
    }

    /** @throws PenstockException {@code store.unknown}, {@code not-ready} */
    public Page page(String store, Range range) {
        List<Entry> entries = new ArrayList<>();
        for (StoreDefinition definition : named(store)) {
            entries.addAll(smallest(definition, range));
        }
        entries.sort(Comparator.comparing(Entry::key, KEY_ORDER));
        return entries.size() > range.limit()
                ? new Page(
                        List.copyOf(entries.subList(0, range.limit())),
                        entries.get(range.limit() - 1).key())
                : new Page(List.copyOf(entries), null);
    }

    /** One more entry than the limit, so that it is known whether there are more. */
    private List<Entry> smallest(StoreDefinition definition, Range range) {
        // The greatest on top: what is read later and is smaller takes its place.
        PriorityQueue<KeyValue<String, Object>> best =
                new PriorityQueue<>(Comparator.comparing((KeyValue<String, Object> entry) -> entry.key, KEY_ORDER)
                        .reversed());
        for (Partition partition : readable(definition)) {
            collect(definition, partition, range, best);
        }
        return best.stream()
                .map(entry -> new Entry(entry.key, definition.value().apply(entry.value)))
                .toList();
    }

    private void collect(
            StoreDefinition definition,
            Partition partition,
            Range range,
            PriorityQueue<KeyValue<String, Object>> best) {
        var _ = read(definition, () -> {
            try (KeyValueIterator<Object, Object> entries = definition.perPartition()
                    ? partition.store().all()
                    : partition.store().range(definition.key().apply(range.first()), null)) {
                while (entries.hasNext()) {
                    KeyValue<Object, Object> entry = entries.next();
                    String key = partition.prefix() + definition.keyText().apply(entry.key);
                    if (range.isPast(key)
                            || (best.size() > range.limit() && KEY_ORDER.compare(key, best.peek().key) > 0)) {
                        break;
                    }
                    if (range.takes(key)) {
                        best.add(KeyValue.pair(key, entry.value));
                        if (best.size() > range.limit() + 1) {
                            best.poll();
                        }
                    }
                }
            }
            return best.size();
        });
    }

    private List<StoreDefinition> named(String store) {
        List<StoreDefinition> named = definitions.stream()
                .filter(definition -> definition.name().equals(store))
                .toList();
        if (named.isEmpty()) {
            throw new PenstockException(
                    ErrorCode.STORE_UNKNOWN, "There is no store '" + store + "'. GET /api/stores lists them.");
        }
        return named;
    }

    private List<HostedTopology> hosts(StoreDefinition definition) {
        return host.all().stream()
                .filter(topology -> isInstance(topology.definition().name(), definition.topology()))
                .toList();
    }

    private static boolean isInstance(String name, String topology) {
        return name.equals(topology) || name.startsWith(topology + "/");
    }

    /**
     * One partition of a store.
     *
     * @param prefix what stands before the keys of this partition; empty where keys are unique without it
     */
    private record Partition(String prefix, ReadOnlyKeyValueStore<Object, Object> store) {}

    private List<Partition> readable(StoreDefinition definition) {
        List<Partition> stores = new ArrayList<>();
        for (HostedTopology topology : hosts(definition)) {
            stores.addAll(read(definition, () -> partitions(topology, definition)));
        }
        return stores;
    }

    private static List<Partition> partitions(HostedTopology topology, StoreDefinition definition) {
        KafkaStreams streams = topology.streams()
                .orElseThrow(() ->
                        new InvalidStateStoreException(topology.definition().name() + " is " + topology.state()));
        if (streams.state() != KafkaStreams.State.RUNNING) {
            // While tasks move, a partition that is missing here would look like entries that do not exist.
            throw new InvalidStateStoreException("the instance is " + streams.state());
        }
        StoreQueryParameters<ReadOnlyKeyValueStore<Object, Object>> whole = StoreQueryParameters.fromNameAndType(
                definition.name(), QueryableStoreTypes.<Object, Object>keyValueStore());
        if (definition.global()) {
            return List.of(new Partition("", streams.store(whole)));
        }
        Set<Integer> local = streams.allLocalStorePartitionLags()
                .getOrDefault(definition.name(), Map.of())
                .keySet();
        List<Partition> stores = new ArrayList<>();
        for (Integer partition : local) {
            String prefix = definition.perPartition() ? topology.definition().name() + "/" + partition + "/" : "";
            stores.add(new Partition(prefix, streams.store(whole.withPartition(partition))));
        }
        return stores;
    }

    private static List<Partition> partitionsIfAny(HostedTopology topology, StoreDefinition definition) {
        try {
            return partitions(topology, definition);
        } catch (InvalidStateStoreException | IllegalStateException e) {
            return List.of();
        }
    }

    /** Exact for small stores: what RocksDB estimates counts a key once for each time it was written lately. */
    private static long entries(ReadOnlyKeyValueStore<Object, Object> store) {
        try {
            long estimate = store.approximateNumEntries();
            if (estimate > COUNTED) {
                return estimate;
            }
            long entries = 0;
            try (KeyValueIterator<Object, Object> all = store.all()) {
                while (all.hasNext()) {
                    all.next();
                    entries++;
                }
            }
            return entries;
        } catch (InvalidStateStoreException e) {
            return 0; // moved away between listing and asking
        }
    }

    private interface Reading<T extends @Nullable Object> {
        T read();
    }

    private static <T extends @Nullable Object> T read(StoreDefinition definition, Reading<T> reading) {
        try {
            return reading.read();
        } catch (InvalidStateStoreException | IllegalStateException e) {
            throw notReady(definition, definition.topology());
        }
    }

    private static PenstockException notReady(StoreDefinition definition, String topology) {
        return new PenstockException(
                ErrorCode.NOT_READY,
                "The store " + definition.name() + " cannot be read while the topology " + topology
                        + " is starting or moving; try again in a second.");
    }
}
