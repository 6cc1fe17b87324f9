package io.penstock.query;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.penstock.cluster.Peer;
import io.penstock.cluster.PeerAnswer;
import io.penstock.cluster.PeerAnswer.Answered;
import io.penstock.cluster.PeerAnswer.Failed;
import io.penstock.cluster.Peers;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.topology.TopologyHost;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads state stores, wherever their partitions are: here, and on the other instances that run the store's topology. What comes is
 * in the order of keys whatever the number of partitions.
 *
 * <p>An answer is given only when each partition of the store was read exactly once, by who has it now. While partitions move, or
 * when nobody runs the topology, it is {@code not-ready}: a missing key or the end of a page is never said on the ground of a part.
 *
 * <p>May be called from any thread.
 */
public final class StoreQueries implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StoreQueries.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    /** At first; who has waited for long is served a little later, since each look reads the whole value. */
    private static final Duration LOOK_HERE_EVERY = Duration.ofMillis(20);

    private static final Duration LOOK_HERE_AT_LEAST_EVERY = Duration.ofMillis(500);
    private static final int PART_OF_WAITING = 10;
    private static final Duration LOOK_ELSEWHERE_EVERY = Duration.ofMillis(200);

    private final List<StoreDefinition> definitions;
    private final LocalStores local;
    private final StoreAnswers answers;
    private final Peers peers;
    private final Map<String, String> roles;
    private volatile boolean closed;

    /** For an instance that is alone. */
    public StoreQueries(TopologyHost host, List<StoreDefinition> definitions) {
        this(host, definitions, Peers.NONE, Map.of());
    }

    /** @param roles the role that runs a topology, by its name */
    public StoreQueries(TopologyHost host, List<StoreDefinition> definitions, Peers peers, Map<String, String> roles) {
        this.definitions = List.copyOf(definitions);
        this.local = new LocalStores(host);
        this.answers = new StoreAnswers(local, this.definitions);
        this.peers = peers;
        this.roles = Map.copyOf(roles);
    }

    /**
     * A store of one instance of its topology, as far as it could be read.
     *
     * @param instance the topology instance that hosts it
     * @param partitions how many partitions were read
     * @param entries exact for small stores, an estimate for large ones
     * @param wanted how many partitions there are; when more than were read, {@code entries} lacks theirs
     */
    public record Summary(
            String name, String topology, String instance, boolean global, int partitions, long entries, int wanted) {}

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
        String first() {
            String first = prefix == null ? "" : prefix;
            if (from != null && KeyOrder.BYTES.compare(from, first) > 0) {
                first = from;
            }
            return after != null && KeyOrder.BYTES.compare(after, first) > 0 ? after : first;
        }

        boolean isPast(String key) {
            return (to != null && KeyOrder.BYTES.compare(key, to) > 0)
                    || (prefix != null && !key.startsWith(prefix) && KeyOrder.BYTES.compare(key, prefix) > 0);
        }

        boolean takes(String key) {
            return (prefix == null || key.startsWith(prefix))
                    && (from == null || KeyOrder.BYTES.compare(key, from) >= 0)
                    && (after == null || KeyOrder.BYTES.compare(key, after) > 0);
        }
    }

    /** The side that answers other instances. */
    public StoreAnswers answers() {
        return answers;
    }

    /**
     * Every store, those of a topology that does not run anywhere included with no entries. A summary says how much of its store
     * it covers.
     */
    public List<Summary> list() {
        Map<String, Map<String, Summary>> found = new TreeMap<>();
        List<Summary> parts = new ArrayList<>(answers.summaries());
        for (PeerAnswer answer : peers.ask(
                peers.alive(), StoreAnswers.LIST, JsonNodeFactory.instance.objectNode(), PATIENCE, body -> false)) {
            if (answer instanceof Answered(Peer peer, JsonNode body)) {
                parts.addAll(StoreAnswers.readSummaries(body).stream()
                        .filter(summary -> !summary.global())
                        .toList());
            }
        }
        for (Summary part : parts) {
            found.computeIfAbsent(part.name(), name -> new TreeMap<>())
                    .merge(part.instance(), part, StoreQueries::plus);
        }
        List<Summary> summaries = new ArrayList<>();
        for (StoreDefinition definition : definitions) {
            Map<String, Summary> instances = new TreeMap<>();
            definition
                    .home()
                    .instances()
                    .get()
                    .forEach(instance -> instances.put(instance, nothing(definition, instance)));
            found.getOrDefault(definition.name(), Map.of()).forEach((instance, summary) -> {
                if (definition.home().isInstance(instance)) {
                    instances.put(instance, summary);
                }
            });
            summaries.addAll(instances.values());
        }
        return summaries;
    }

    private static Summary nothing(StoreDefinition definition, String instance) {
        return new Summary(
                definition.name(),
                definition.home().topology(),
                instance,
                definition.home().isGlobal(),
                0,
                0,
                Math.max(1, definition.home().partitions()));
    }

    private static Summary plus(Summary one, Summary other) {
        return new Summary(
                one.name(),
                one.topology(),
                one.instance(),
                one.global(),
                one.partitions() + other.partitions(),
                one.entries() + other.entries(),
                one.wanted());
    }

    /** @throws PenstockException {@code store.unknown}, {@code not-ready} */
    public Optional<Object> get(String store, String key) {
        Parts parts = hereFor(store, key);
        if (!parts.found() && !parts.isComplete()) {
            askForKey(store, key, parts);
        }
        return parts.found() ? Optional.of(parts.first()) : absent(store, parts);
    }

    /**
     * What there is of these keys, by key.
     *
     * @throws PenstockException {@code store.unknown}, {@code not-ready}
     */
    public Map<String, Object> getAll(String store, Collection<String> keys) {
        List<StoreDefinition> named = named(store);
        Parts parts = new Parts(named, unit -> true);
        for (StoreDefinition definition : named) {
            parts.add(local.get(definition, keys), "this instance");
        }
        Set<String> missing = new HashSet<>(keys);
        parts.entries().forEach(entry -> missing.remove(entry.key()));
        if (!missing.isEmpty() && !parts.isComplete()) {
            askFor(parts, StoreAnswers.GET, StoreAnswers.question(store, missing), body -> false);
        }
        Map<String, Object> found = new HashMap<>();
        parts.entries().forEach(entry -> found.put(entry.key(), entry.value()));
        if (!found.keySet().containsAll(keys)) {
            requireComplete(store, parts);
        }
        return found;
    }

    private Parts hereFor(String store, String key) {
        List<StoreDefinition> named = named(store);
        Parts parts = new Parts(named, unit -> true);
        if (named.stream().allMatch(StoreDefinition::perPartition)) {
            parts = new Parts(named, unit -> key.startsWith(unit.keyPrefix()));
        }
        for (StoreDefinition definition : named) {
            parts.add(local.get(definition, List.of(key)), "this instance");
        }
        return parts;
    }

    private void askForKey(String store, String key, Parts parts) {
        askFor(parts, StoreAnswers.GET, StoreAnswers.question(store, List.of(key)), StoreAnswers::hasEntries);
    }

    private Optional<Object> absent(String store, Parts parts) {
        requireComplete(store, parts);
        return Optional.empty();
    }

    /**
     * The value of a key once it is as wanted, or as it is when the time is over. Looks often here, and less often elsewhere or when it has
     * waited for long. While the store cannot be read, it goes on waiting.
     *
     * @throws PenstockException {@code not-ready} when the store still cannot be read when the time is over
     */
    public Optional<Object> await(String store, String key, Predicate<Object> wanted, Duration patience)
            throws InterruptedException {
        long began = System.nanoTime();
        long deadline = began + patience.toNanos();
        long lookElsewhere = began;
        while (System.nanoTime() < deadline && !closed) {
            Parts parts = hereFor(store, key);
            if (!parts.found() && !parts.isComplete() && System.nanoTime() >= lookElsewhere) {
                askForKey(store, key, parts);
                lookElsewhere = System.nanoTime() + LOOK_ELSEWHERE_EVERY.toNanos();
            }
            if (parts.found() && wanted.test(parts.first())) {
                return Optional.of(parts.first());
            }
            Thread.sleep(pause(Duration.ofNanos(System.nanoTime() - began)));
        }
        return get(store, key);
    }

    /** Between two looks of somebody who has waited for so long. */
    static Duration pause(Duration waited) {
        return Duration.ofMillis(Math.clamp(
                waited.toMillis() / PART_OF_WAITING, LOOK_HERE_EVERY.toMillis(), LOOK_HERE_AT_LEAST_EVERY.toMillis()));
    }

    /** @throws PenstockException {@code store.unknown}, {@code not-ready} */
    public Page page(String store, Range range) {
        return page(store, null, range);
    }

    /**
     * A page of values in the form of a view, in which each is put as soon as it is read.
     *
     * @throws PenstockException {@code store.unknown}, {@code not-ready}
     */
    public Page page(String store, @Nullable String view, Range range) {
        List<StoreDefinition> named =
                named(store).stream().map(definition -> definition.in(view)).toList();
        Parts parts = new Parts(named, unit -> true);
        for (StoreDefinition definition : named) {
            parts.add(local.page(definition, range), "this instance");
        }
        if (!parts.isComplete()) {
            askFor(parts, StoreAnswers.PAGE, StoreAnswers.question(store, view, range), body -> false);
        }
        requireComplete(store, parts);
        List<Entry> entries = parts.entries();
        return entries.size() > range.limit()
                ? new Page(
                        List.copyOf(entries.subList(0, range.limit())),
                        entries.get(range.limit() - 1).key())
                : new Page(List.copyOf(entries), null);
    }

    /** Ends all waiting; those who wait hear what is known, or that this instance is not ready. */
    @Override
    public void close() {
        closed = true;
    }

    private void askFor(Parts parts, String path, JsonNode question, Predicate<JsonNode> enough) {
        List<Peer> hosts = peers.alive().stream()
                .filter(peer -> parts.definitions.stream()
                        .anyMatch(definition ->
                                peer.topologies().contains(definition.home().topology())))
                .toList();
        for (PeerAnswer answer : peers.ask(hosts, path, question, PATIENCE, enough)) {
            switch (answer) {
                case Answered(Peer peer, JsonNode body) ->
                    parts.add(
                            StoreAnswers.readPart(parts.definitions, body),
                            peer.url().toString());
                case Failed failed -> parts.failures.add(failed.peer().url() + ": " + failed.reason());
            }
        }
    }

    private List<StoreDefinition> named(String store) {
        return answers.named(store)
                .orElseThrow(() -> new PenstockException(
                        ErrorCode.STORE_UNKNOWN, "There is no store '" + store + "'. GET /api/stores lists them."));
    }

    private void requireComplete(String store, Parts parts) {
        if (parts.isComplete()) {
            return;
        }
        StoreUnit missing = parts.missing().stream().findFirst().orElse(null);
        if (missing == null) {
            LOG.debug("{}: read twice: {}", store, parts.twice);
            throw new PenstockException(
                    ErrorCode.NOT_READY,
                    "The store " + store + " is moving between instances: two of them have partition " + parts.twice
                            + "; try again in a second.");
        }
        String topology = parts.definitions.stream()
                .map(definition -> definition.home())
                .filter(home -> home.isInstance(missing.instance()))
                .map(StoreHome::topology)
                .findFirst()
                .orElse(missing.instance());
        if (!local.hosts(topology) && peers.hosting(topology).isEmpty()) {
            throw new PenstockException(
                    ErrorCode.NOT_READY,
                    "The store " + store + " cannot be read: no instance that is running has the topology " + topology
                            + (roles.containsKey(topology)
                                    ? ". Start one with the role " + roles.get(topology) + "."
                                    : "."));
        }
        throw new PenstockException(
                ErrorCode.NOT_READY,
                "The store " + store + " cannot be read whole while the topology " + missing.instance()
                        + " is starting or moving: "
                        + parts.missing().size() + " of " + parts.wanted.size() + " partitions are missing"
                        + (parts.failures.isEmpty() ? "" : " (" + String.join("; ", parts.failures) + ")")
                        + "; try again in a second.");
    }

    /** What was gathered so far. */
    private static final class Parts {
        private final List<StoreDefinition> definitions;
        private final Set<StoreUnit> wanted = new TreeSet<>();
        private final Set<StoreUnit> read = new HashSet<>();
        private final Set<StoreUnit> twice = new TreeSet<>();
        private final List<Entry> entries = new ArrayList<>();
        private final List<String> failures = new ArrayList<>();

        Parts(List<StoreDefinition> definitions, Predicate<StoreUnit> which) {
            this.definitions = definitions;
            for (StoreDefinition definition : definitions) {
                for (String instance : definition.home().instances().get()) {
                    units(definition, instance).filter(which).forEach(wanted::add);
                }
            }
        }

        private static Stream<StoreUnit> units(StoreDefinition definition, String instance) {
            return java.util.stream.IntStream.range(
                            0, Math.max(1, definition.home().partitions()))
                    .mapToObj(partition -> new StoreUnit(instance, partition));
        }

        void add(StorePart part, String who) {
            for (StoreUnit unit : part.read()) {
                if (!read.add(unit)) {
                    LOG.debug("{} has {} as well", who, unit);
                    twice.add(unit);
                }
            }
            entries.addAll(part.entries());
        }

        boolean isComplete() {
            return twice.isEmpty() && read.containsAll(wanted);
        }

        Set<StoreUnit> missing() {
            Set<StoreUnit> missing = new TreeSet<>(wanted);
            missing.removeAll(read);
            return missing;
        }

        boolean found() {
            return !entries.isEmpty();
        }

        Object first() {
            return entries.getFirst().value();
        }

        List<Entry> entries() {
            entries.sort(Comparator.comparing(Entry::key, KeyOrder.BYTES));
            return entries;
        }
    }
}
