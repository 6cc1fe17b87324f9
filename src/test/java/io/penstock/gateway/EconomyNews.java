package io.penstock.gateway;

import io.penstock.catalog.CatalogView;
import io.penstock.schema.CatalogEntry;
import io.penstock.schema.CatalogKind;
import io.penstock.schema.CatalogState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A catalog of one topic, {@code economy}, and one segment, {@code news}, in a life that is called {@code life}. */
class EconomyNews implements CatalogView {
    @Override
    public Optional<CatalogEntry> topic(String topic) {
        return topic.equals("economy") ? Optional.of(entry(CatalogKind.TOPIC)) : Optional.empty();
    }

    @Override
    public Optional<CatalogEntry> segment(String topic, String segment) {
        return topic.equals("economy") && segment.equals("news")
                ? Optional.of(entry(CatalogKind.SEGMENT))
                : Optional.empty();
    }

    @Override
    public List<CatalogEntry> topics() {
        return List.of(entry(CatalogKind.TOPIC));
    }

    @Override
    public List<CatalogEntry> segments(String topic) {
        return List.of(entry(CatalogKind.SEGMENT));
    }

    private static CatalogEntry entry(CatalogKind kind) {
        return CatalogEntry.newBuilder()
                .setKind(kind)
                .setTopic("economy")
                .setSegment(kind == CatalogKind.SEGMENT ? "news" : null)
                .setState(CatalogState.ACTIVE)
                .setIncarnation("life")
                .setCreatedAt(Instant.EPOCH)
                .build();
    }
}
