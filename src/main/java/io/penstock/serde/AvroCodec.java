package io.penstock.serde;

import org.apache.avro.specific.SpecificRecord;

/** Turns values of one record type into the bytes of a Kafka record and back. May be used from any thread. */
public final class AvroCodec<T extends SpecificRecord> {
    private final Class<T> type;
    private final WireFormat<T> format;

    AvroCodec(Class<T> type, WireFormat<T> format) {
        this.type = type;
        this.format = format;
    }

    /**
     * The value as it is written to a topic.
     *
     * @throws io.penstock.error.PenstockException {@code record.invalid} when the value lacks what its type requires; {@code
     *     schema.incompatible} or {@code not-ready} at the first value of a topic whose schema is not yet registered
     */
    public byte[] encode(String topic, T value) {
        return format.encode(topic, value);
    }

    /**
     * The value, read with the schema it was written with and resolved to that of the type.
     *
     * @throws io.penstock.error.PenstockException {@code record.undecodable} when the bytes are not such a record, {@code
     *     not-ready} when the registry cannot be asked; nothing else, whatever the bytes are
     */
    public T decode(byte[] bytes) {
        return format.decode(bytes);
    }

    /** Whether {@link #decode} waits for nobody where this process has encoded the bytes, with whichever codec. */
    public boolean knowsWhatItEncoded() {
        return format.knowsWhatItEncoded();
    }

    public Class<T> type() {
        return type;
    }
}
