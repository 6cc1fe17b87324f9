package io.penstock.registry;

/**
 * A version of a subject whose named types a schema uses.
 *
 * @param name what the schema calls it; for Avro the full name of the type
 * @param version its number; in a request also -1 for the latest
 */
record SchemaReference(String name, String subject, int version) {
    static final int LATEST = -1;

    SchemaReference withVersion(int newVersion) {
        return new SchemaReference(name, subject, newVersion);
    }
}
