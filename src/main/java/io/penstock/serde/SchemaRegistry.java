package io.penstock.serde;

import org.apache.avro.Schema;

/** What a serde needs of a schema registry. Implementations cache, and may be called from any thread. */
public interface SchemaRegistry {
    /**
     * The id of a schema under a subject, registering it if it is new.
     *
     * @throws io.penstock.error.PenstockException {@code schema.incompatible} or {@code not-ready}; {@code schema.unknown} when
     *     nothing may be registered and it is new
     */
    int register(String subject, Schema schema);

    /**
     * What values of a schema are written with under a subject, while records flow. Unlike {@link #register} it need not
     * register what is new.
     *
     * @throws io.penstock.error.PenstockException as {@link #register}
     */
    default RegisteredSchema forWriting(String subject, Schema schema) {
        return new RegisteredSchema(register(subject, schema), schema, true);
    }

    /**
     * The schema with this id.
     *
     * @throws io.penstock.error.PenstockException {@code record.undecodable} when there is none, {@code not-ready}
     */
    Schema schema(int id);
}
