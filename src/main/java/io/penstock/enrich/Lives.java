package io.penstock.enrich;

import io.penstock.catalog.CatalogView;
import io.penstock.schema.CatalogEntry;
import io.penstock.schema.CatalogState;
import io.penstock.schema.RawRecord;
import java.util.Optional;

/** Which life of a segment a record belongs to. A record that names none belongs to the present one. */
final class Lives {
    static final String OVER = "The topic or segment was deleted while the record was on its way.";

    private Lives() {}

    /** Whether the record belongs to a life that is over or ending. False when the view does not know the segment (yet). */
    static boolean isOver(CatalogView catalog, String topic, RawRecord record) {
        Optional<CatalogEntry> segment = catalog.segment(topic, record.getSegment());
        if (segment.isEmpty()) {
            return false;
        }
        String present = segment.get().getIncarnation();
        String own = record.getIncarnation();
        boolean topicEnds = catalog.topic(topic)
                .filter(entry -> entry.getState() == CatalogState.DELETING)
                .isPresent();
        return topicEnds || segment.get().getState() == CatalogState.DELETING || (own != null && !own.equals(present));
    }

    /** The incarnation of the record; empty when it names none and the view does not know the segment. */
    static Optional<String> incarnation(CatalogView catalog, String topic, RawRecord record) {
        return Optional.ofNullable(record.getIncarnation())
                .or(() -> catalog.segment(topic, record.getSegment()).map(CatalogEntry::getIncarnation));
    }
}
