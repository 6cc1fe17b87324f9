package io.penstock.serde;

import org.apache.avro.Schema;

/**
 * What values are written with.
 *
 * @param id of the schema in the registry
 * @param schema the schema with that id; values of another are resolved to it
 * @param lasting whether the answer holds for good, so that it need not be asked for again
 */
public record RegisteredSchema(int id, Schema schema, boolean lasting) {}
