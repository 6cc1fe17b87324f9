package io.penstock.catalog;

import io.penstock.schema.CatalogEntry;
import io.penstock.schema.CatalogKind;
import io.penstock.table.GlobalTable;
import java.util.List;
import java.util.Optional;

/** The catalog as this instance holds it. */
public final class CatalogTable implements CatalogView {
    private final GlobalTable<CatalogEntry> table;

    public CatalogTable(GlobalTable<CatalogEntry> table) {
        this.table = table;
    }

    public static String segmentKey(String topic, String segment) {
        return topic + "/" + segment;
    }

    /** Where it is remembered that a configuration file was applied. No name can collide with it: names hold no colon. */
    public static String fileKey(String file) {
        return "file:" + file;
    }

    @Override
    public boolean isWhole() {
        return table.isWhole();
    }

    @Override
    public Optional<CatalogEntry> topic(String topic) {
        return table.get(topic).filter(entry -> entry.getKind() == CatalogKind.TOPIC);
    }

    @Override
    public Optional<CatalogEntry> segment(String topic, String segment) {
        return table.get(segmentKey(topic, segment));
    }

    @Override
    public List<CatalogEntry> topics() {
        return table.startingWith("").values().stream()
                .filter(entry -> entry.getKind() == CatalogKind.TOPIC)
                .toList();
    }

    @Override
    public List<CatalogEntry> segments(String topic) {
        return List.copyOf(table.startingWith(topic + "/").values());
    }

    /** The hash of a configuration file when it was last applied. */
    public Optional<String> appliedHash(String file) {
        return table.get(fileKey(file)).map(CatalogEntry::getFileHash);
    }
}
