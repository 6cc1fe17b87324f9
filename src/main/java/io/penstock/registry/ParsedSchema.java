package io.penstock.registry;

import org.apache.avro.Schema;

/**
 * A schema that was asked about.
 *
 * @param content with its canonical text and numbered references
 * @param schema with the types of its references in it
 */
record ParsedSchema(SchemaContent content, Schema schema) {}
