package io.penstock.mirror;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.KafkaSettings;
import io.penstock.serde.AvroSerdes;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.apache.kafka.clients.consumer.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The mirrors of this instance. May be used from any thread. */
public final class Mirrors implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Mirrors.class);

    private final List<Mirror> mirrors = new ArrayList<>();
    /** Those whose settings are wrong, by name. */
    private final Map<String, MirrorStatus> invalid = new TreeMap<>();

    /**
     * What all mirrors read from.
     *
     * @param consumers makes a consumer with the settings that it is given
     * @param topics the Kafka topic of each source
     * @param identity of this installation: a target that holds the copy of another one is rebuilt
     * @param instanceId the same after each start
     */
    public record Sources(
            KafkaSettings kafka,
            Function<Map<String, Object>, Consumer<byte[], byte[]>> consumers,
            AvroSerdes serdes,
            Map<MirrorSource, String> topics,
            String identity,
            String instanceId) {}

    private Mirrors() {}

    /** For an instance that keeps no mirrors. */
    public static Mirrors none() {
        return new Mirrors();
    }

    /**
     * Starts those that the settings turn on. Returns at once, whatever the other sides do.
     *
     * @param dimension of the embedding model
     */
    public static Mirrors start(MirrorSettings settings, Sources sources, int dimension, InstantSource clock) {
        Mirrors mirrors = new Mirrors();
        for (MirrorSettings.Wanted wanted : settings.wanted()) {
            IntFunction<MirrorTarget> target = wanted.target();
            if (target == null) {
                LOG.error("The mirror {} is off: {}", wanted.name(), wanted.fault());
                mirrors.invalid.put(wanted.name(), invalid(wanted, clock.instant()));
            } else {
                mirrors.mirrors.add(mirror(target.apply(dimension), sources, clock));
            }
        }
        mirrors.mirrors.forEach(Mirror::start);
        return mirrors;
    }

    static Mirror mirror(MirrorTarget target, Sources sources, InstantSource clock) {
        Map<MirrorSource, String> topics = new EnumMap<>(sources.topics());
        topics.keySet().retainAll(target.sources());
        Map<String, Object> consumer =
                MirrorGroup.consumerSettings(sources.kafka(), target.name(), sources.instanceId());
        return new Mirror(
                target,
                topics,
                new ChangeReader(sources.serdes(), topics),
                () -> sources.consumers().apply(consumer),
                sources.identity(),
                clock);
    }

    private static MirrorStatus invalid(MirrorSettings.Wanted wanted, Instant now) {
        return new MirrorStatus(
                wanted.name(),
                MirrorState.DOWN,
                now,
                null,
                0,
                0,
                0,
                0,
                0,
                new MirrorStatus.Failure(ErrorCode.CONFIG_INVALID, wanted.fault(), now),
                null);
    }

    /** How the mirrors are, by name. */
    public List<MirrorStatus> status() {
        Map<String, MirrorStatus> all = new TreeMap<>(invalid);
        mirrors.forEach(mirror -> all.put(mirror.name(), mirror.status()));
        return List.copyOf(all.values());
    }

    /** How a mirror is; empty when this instance does not know it. */
    public Optional<MirrorStatus> status(String name) {
        return status().stream().filter(status -> status.name().equals(name)).findFirst();
    }

    /**
     * Orders that a mirror be rebuilt.
     *
     * @return false when it is another instance that writes to it, or this one does not know it
     * @throws PenstockException {@code config.invalid} when its settings are wrong
     */
    public boolean rebuild(String name) {
        MirrorStatus wrong = invalid.get(name);
        if (wrong != null && wrong.error() != null) {
            throw new PenstockException(ErrorCode.CONFIG_INVALID, wrong.error().detail());
        }
        return mirrors.stream().anyMatch(mirror -> mirror.name().equals(name) && mirror.rebuild());
    }

    @Override
    public void close() {
        // Side by side: each may be waiting for its other side.
        List<Thread> closers = mirrors.stream()
                .map(mirror -> Thread.ofVirtual().start(mirror::close))
                .toList();
        try {
            for (Thread closer : closers) {
                closer.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
