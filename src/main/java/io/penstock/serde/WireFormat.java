package io.penstock.serde;

import org.apache.avro.specific.SpecificRecord;

/** How values of one record type become bytes and come back. May be called from any thread. */
interface WireFormat<T extends SpecificRecord> {
    byte[] encode(String topic, T value);

    /** Throws nothing but {@code PenstockException}, whatever the bytes are. */
    T decode(byte[] bytes);

    /** Whether what this process has encoded is decoded without asking anybody, and without the code of others. */
    boolean knowsWhatItEncoded();
}
