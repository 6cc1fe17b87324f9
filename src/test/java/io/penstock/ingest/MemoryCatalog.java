package io.penstock.ingest;

import io.penstock.catalog.CatalogView;
import io.penstock.schema.CatalogEntry;
import io.penstock.schema.CatalogKind;
import io.penstock.schema.CatalogState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A catalog that a test fills. */
final class MemoryCatalog implements CatalogView {
    private final Map<String, CatalogEntry> entries = new TreeMap<>();

    /** Adds a segment, and its topic. */
    void add(String topic, String segment, String incarnation, CatalogState state) {
        entries.put(topic, entry(CatalogKind.TOPIC, topic, null, "topic-life", CatalogState.ACTIVE));
        entries.put(topic + "/" + segment, entry(CatalogKind.SEGMENT, topic, segment, incarnation, state));
    }

    @Override
    public Optional<CatalogEntry> topic(String topic) {
        return Optional.ofNullable(entries.get(topic));
    }

    @Override
    public Optional<CatalogEntry> segment(String topic, String segment) {
        return Optional.ofNullable(entries.get(topic + "/" + segment));
    }

    @Override
    public List<CatalogEntry> topics() {
        return entries.values().stream()
                .filter(entry -> entry.getSegment() == null)
                .toList();
    }

    @Override
    public List<CatalogEntry> segments(String topic) {
        return entries.values().stream()
                .filter(entry -> entry.getSegment() != null && entry.getTopic().equals(topic))
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
