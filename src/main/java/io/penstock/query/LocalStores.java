package io.penstock.query;

import io.penstock.query.StoreQueries.Entry;
import io.penstock.query.StoreQueries.Range;
import io.penstock.query.StoreQueries.Summary;
import io.penstock.topology.HostedTopology;
import io.penstock.topology.TopologyHost;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Reads the state stores of this app instance, partition by partition. A partition that is not here, or moves away while it is
 * read, is left out of the answer whole. May be called from any thread.
 */
final class LocalStores {
    private static final long COUNTED = 5_000;

    private final TopologyHost host;

    LocalStores(TopologyHost host) {
        this.host = host;
    }

    /** What there is of these keys. */
    StorePart get(StoreDefinition definition, Collection<String> keys) {
        Set<StoreUnit> read = new TreeSet<>();
        List<Entry> found = new ArrayList<>();
        for (Place place : places(definition)) {
            String prefix = definition.perPartition() ? place.unit().keyPrefix() : "";
            List<String> asked =
                    keys.stream().filter(key -> key.startsWith(prefix)).toList();
            if (!asked.isEmpty()) {
                tryRead(() -> get(definition, place, prefix, asked)).ifPresent(entries -> {
                    read.add(place.unit());
                    found.addAll(entries);
                });
            }
        }
        return new StorePart(read, found);
    }

    private static List<Entry> get(StoreDefinition definition, Place place, String prefix, List<String> keys) {
        ReadOnlyKeyValueStore<Object, Object> store = place.open();
        List<Entry> found = new ArrayList<>();
        for (String key : keys) {
            Object stored = store.get(definition.key().apply(key.substring(prefix.length())));
            if (stored != null) {
                found.add(new Entry(key, definition.value().apply(stored)));
            }
        }
        return found;
    }

    /** The first entries over all partitions that are here. No more values are held than those and the page of one partition. */
    StorePart page(StoreDefinition definition, Range range) {
        Set<StoreUnit> read = new TreeSet<>();
        List<Entry> entries = new ArrayList<>();
        int most = range.limit() + 1;
        for (Place place : places(definition)) {
            String last = entries.size() < most ? null : entries.getLast().key();
            tryRead(() -> page(definition, place, range, last)).ifPresent(page -> {
                read.add(place.unit());
                entries.addAll(page);
                entries.sort(Comparator.comparing(Entry::key, KeyOrder.BYTES));
                if (entries.size() > most) {
                    entries.subList(most, entries.size()).clear();
                }
            });
        }
        return new StorePart(read, entries);
    }

    /**
     * One more entry than the limit, so that it is known whether there are more.
     *
     * @param last the key from which on the page is full without this partition; null when it is not
     */
    private static List<Entry> page(StoreDefinition definition, Place place, Range range, @Nullable String last) {
        String prefix = definition.perPartition() ? place.unit().keyPrefix() : "";
        ReadOnlyKeyValueStore<Object, Object> store = place.open();
        List<Entry> entries = new ArrayList<>();
        try (KeyValueIterator<Object, Object> all = definition.perPartition()
                ? store.all()
                : store.range(definition.key().apply(range.first()), null)) {
            while (all.hasNext() && entries.size() <= range.limit()) {
                var entry = all.next();
                String key = prefix + definition.keyText().apply(entry.key);
                if (range.isPast(key) || (last != null && KeyOrder.BYTES.compare(key, last) > 0)) {
                    break;
                }
                if (range.takes(key)) {
                    entries.add(new Entry(key, definition.value().apply(entry.value)));
                }
            }
        }
        return entries;
    }

    /** One for each instance of the topology that is hosted here, those without a partition here included. */
    List<Summary> summaries(StoreDefinition definition) {
        List<Summary> summaries = new ArrayList<>();
        for (HostedTopology topology : hosted(definition)) {
            int partitions = 0;
            long entries = 0;
            for (Place place : places(definition, topology)) {
                Optional<Long> count = tryRead(() -> entries(place.open()));
                if (count.isPresent()) {
                    partitions++;
                    entries += count.get();
                }
            }
            summaries.add(new Summary(
                    definition.name(),
                    definition.home().topology(),
                    topology.definition().name(),
                    definition.home().isGlobal(),
                    partitions,
                    entries,
                    Math.max(1, definition.home().partitions())));
        }
        return summaries;
    }

    /** Whether this instance runs a topology, or any instance of it. */
    boolean hosts(String topology) {
        return host.all().stream()
                .map(hosted -> hosted.definition().name())
                .anyMatch(name -> name.equals(topology) || name.startsWith(topology + "/"));
    }

    private List<HostedTopology> hosted(StoreDefinition definition) {
        return host.all().stream()
                .filter(topology ->
                        definition.home().isInstance(topology.definition().name()))
                .toList();
    }

    /** A partition that may be here. */
    private record Place(
            StoreUnit unit,
            HostedTopology topology,
            StoreQueryParameters<ReadOnlyKeyValueStore<Object, Object>> parameters) {

        /** @throws InvalidStateStoreException when it is not here, or cannot be read now */
        ReadOnlyKeyValueStore<Object, Object> open() {
            KafkaStreams streams =
                    topology.streams().orElseThrow(() -> new InvalidStateStoreException(unit + " does not run here"));
            return streams.store(parameters);
        }
    }

    private List<Place> places(StoreDefinition definition) {
        return hosted(definition).stream()
                .flatMap(topology -> places(definition, topology).stream())
                .toList();
    }

    private static List<Place> places(StoreDefinition definition, HostedTopology topology) {
        String instance = topology.definition().name();
        StoreQueryParameters<ReadOnlyKeyValueStore<Object, Object>> whole = StoreQueryParameters.fromNameAndType(
                definition.name(), QueryableStoreTypes.<Object, Object>keyValueStore());
        if (definition.home().isGlobal()) {
            return List.of(new Place(new StoreUnit(instance, 0), topology, whole));
        }
        List<Place> places = new ArrayList<>();
        for (int partition = 0; partition < definition.home().partitions(); partition++) {
            places.add(new Place(new StoreUnit(instance, partition), topology, whole.withPartition(partition)));
        }
        return places;
    }

    /** Exact for small stores: what RocksDB estimates counts a key once for each time it was written lately. */
    private static long entries(ReadOnlyKeyValueStore<Object, Object> store) {
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
    }

    private interface Reading<T> {
        T read();
    }

    private static <T> Optional<T> tryRead(Reading<T> reading) {
        try {
            return Optional.of(reading.read());
        } catch (InvalidStateStoreException | IllegalStateException e) {
            return Optional.empty();
        }
    }
}
