package io.penstock.serde;

import org.apache.avro.Schema;

/** What a serde needs of a schema registry. Implementations cache, and may be called from any thread. */
public interface SchemaRegistry {
    /**
     * The id of a schema under a subject, registering it if it is new.
     *
     * @throws io.penstock.error.PenstockException {@code schema.incompatible} or {@code not-ready}
     */
    int register(String subject, Schema schema);

    /**
     * The schema with this id.
     *
     * @throws io.penstock.error.PenstockException {@code record.undecodable} when there is none, {@code not-ready}
     */
    Schema schema(int id);
}
