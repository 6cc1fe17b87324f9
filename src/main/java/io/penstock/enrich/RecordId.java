package io.penstock.enrich;

import io.penstock.schema.RawRecord;

/** Identity of records: {@code topic/segment/processor/item}, where the item may hold slashes. */
final class RecordId {
    private RecordId() {}

    static String of(String topic, RawRecord record) {
        return segmentPrefix(topic, record.getSegment()) + record.getProcessor() + "/" + record.getItem();
    }

    /** What the ids of all records of a segment begin with. */
    static String segmentPrefix(String topic, String segment) {
        return topic + "/" + segment + "/";
    }
}
