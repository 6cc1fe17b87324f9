package io.penstock.catalog;

import io.penstock.schema.CatalogEntry;
import io.penstock.table.ChangeSignal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The catalog for callers who may have heard of a change on another instance, which reaches this one some milliseconds later:
 * before it says that a name does not exist, it waits a moment for it, unless this instance is alone. May be used from any thread.
 */
public final class PatientCatalog implements CatalogView {
    /** Some twenty times what a change takes from one instance to another. */
    private static final Duration PATIENCE = Duration.ofMillis(250);

    private final CatalogView catalog;
    private final ChangeSignal changes;
    private final BooleanSupplier others;

    /** @param others whether there are other instances, which may have changed the catalog */
    public PatientCatalog(CatalogView catalog, ChangeSignal changes, BooleanSupplier others) {
        this.catalog = catalog;
        this.changes = changes;
        this.others = others;
    }

    @Override
    public Optional<CatalogEntry> topic(String topic) {
        return patiently(() -> catalog.topic(topic));
    }

    @Override
    public Optional<CatalogEntry> segment(String topic, String segment) {
        // Of a topic that is not there, no segment is.
        return topic(topic).isEmpty() ? Optional.empty() : patiently(() -> catalog.segment(topic, segment));
    }

    @Override
    public List<CatalogEntry> topics() {
        return catalog.topics();
    }

    @Override
    public List<CatalogEntry> segments(String topic) {
        return catalog.segments(topic);
    }

    private Optional<CatalogEntry> patiently(Supplier<Optional<CatalogEntry>> look) {
        Optional<CatalogEntry> found = look.get();
        if (found.isPresent() || !others.getAsBoolean()) {
            return found;
        }
        try {
            var _ = changes.await(() -> look.get().isPresent(), PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return look.get();
    }
}
