package io.penstock.catalog;

import io.penstock.schema.CatalogEntry;
import io.penstock.schema.CatalogKind;
import io.penstock.schema.CatalogState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/** A catalog that tests fill. */
public final class FakeCatalog implements CatalogView {
    private final Map<String, CatalogEntry> topics = new ConcurrentSkipListMap<>();
    private final Map<String, CatalogEntry> segments = new ConcurrentSkipListMap<>();

    /** The topic and the segment are active; the segment lives this life. */
    public void put(String topic, String segment, String incarnation) {
        topics.put(topic, entry(CatalogKind.TOPIC, topic, null, "life of " + topic, CatalogState.ACTIVE));
        segments.put(
                topic + "/" + segment, entry(CatalogKind.SEGMENT, topic, segment, incarnation, CatalogState.ACTIVE));
    }

    /** The segment's deletion has begun. */
    public void delete(String topic, String segment) {
        segments.computeIfPresent(
                topic + "/" + segment,
                (_, old) -> entry(CatalogKind.SEGMENT, topic, segment, old.getIncarnation(), CatalogState.DELETING));
    }

    /** The topic's deletion has begun. */
    public void deleteTopic(String topic) {
        topics.computeIfPresent(
                topic, (_, old) -> entry(CatalogKind.TOPIC, topic, null, old.getIncarnation(), CatalogState.DELETING));
    }

    @Override
    public Optional<CatalogEntry> topic(String topic) {
        return Optional.ofNullable(topics.get(topic));
    }

    @Override
    public Optional<CatalogEntry> segment(String topic, String segment) {
        return Optional.ofNullable(segments.get(topic + "/" + segment));
    }

    @Override
    public List<CatalogEntry> topics() {
        return List.copyOf(topics.values());
    }

    @Override
    public List<CatalogEntry> segments(String topic) {
        return segments.values().stream()
                .filter(entry -> entry.getTopic().equals(topic))
                .toList();
    }

    private static CatalogEntry entry(
            CatalogKind kind, String topic, @Nullable String segment, String incarnation, CatalogState state) {
        return CatalogEntry.newBuilder()
                .setKind(kind)
                .setTopic(topic)
                .setSegment(segment)
                .setState(state)
                .setIncarnation(incarnation)
                .setCreatedAt(Instant.EPOCH)
                .build();
    }
}
