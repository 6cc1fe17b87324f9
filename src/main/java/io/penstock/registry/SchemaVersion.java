package io.penstock.registry;

/**
 * One version of a subject.
 *
 * @param schema the Avro schema as JSON text
 * @param deleted whether it is soft-deleted: found by id, but no longer under its subject
 */
record SchemaVersion(String subject, int version, int id, String schema, boolean deleted) {
    SchemaVersion withDeleted(boolean newDeleted) {
        return new SchemaVersion(subject, version, id, schema, newDeleted);
    }
}
