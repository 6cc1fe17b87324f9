package io.penstock.enrich;

import io.penstock.schema.RawRecord;
import io.penstock.serde.Decoded;
import java.nio.ByteBuffer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * The order to delete one record. It comes as a record without a value, and travels through the stage as no bytes at all, what no
 * encoded record is.
 */
final class Deletion {
    private static final byte[] NOTHING = {};

    private Deletion() {}

    static Decoded<RawRecord> order() {
        return new Decoded<>(
                RawRecord.newBuilder().setContent(ByteBuffer.allocate(0)).build(), NOTHING);
    }

    static boolean is(Decoded<RawRecord> value) {
        return value.bytes().length == 0;
    }

    /** For values inside the stage. */
    static Serde<Decoded<RawRecord>> orRecord(Serde<Decoded<RawRecord>> records) {
        return Serdes.serdeFrom(
                records.serializer(),
                (topic, bytes) -> bytes != null && bytes.length == 0
                        ? order()
                        : records.deserializer().deserialize(topic, bytes));
    }
}
